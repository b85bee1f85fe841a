"""Take the database's rules away one at a time; each must turn something red."""
