-- Read and written by purge_deleted_videos() alone.

alter table private.purge_progress enable row level security;

revoke all on private.purge_progress from public, anon, authenticated, service_role;
