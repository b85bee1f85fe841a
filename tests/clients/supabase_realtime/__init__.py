"""The Supabase clients' channels, unmodified, against the API's own sockets."""
