"""The workers that carry out what the database has ordered at ImageKit, and finish uploads."""
