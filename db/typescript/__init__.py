"""TypeScript types of what clients may see and do. `db.types` is the command."""
