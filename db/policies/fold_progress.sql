-- Read and written by fold_pending() alone.

alter table private.fold_progress enable row level security;

revoke all on private.fold_progress from public, anon, authenticated, service_role;
