"""Broadcast channels over a WebSocket, as the Supabase clients speak it; receiving only."""
