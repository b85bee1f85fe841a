"""The API over real HTTP, on a real Postgres and the ImageKit stand-in."""
