"""The deletion workers, on real Postgres and the stand-in."""
