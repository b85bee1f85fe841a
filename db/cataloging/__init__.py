"""The parts of `db.catalog`: what it asks the database, and how it writes the answers down."""
