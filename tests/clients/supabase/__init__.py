"""Supabase's own client libraries, unmodified, against the API with PostgREST behind it."""
