-- Written by triggers and jobs, carried out by the deletion worker.

alter table private.media_deletions enable row level security;

revoke all on private.media_deletions from public, anon, authenticated, service_role;
