-- Read and written by the functions of the deletion workers, and ops.start_media().

alter table private.media_worker_state enable row level security;

revoke all on private.media_worker_state from public, anon, authenticated, service_role;
