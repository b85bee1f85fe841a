"""The HTTP door: who is calling, one Postgres function called as that person, its bytes out."""
