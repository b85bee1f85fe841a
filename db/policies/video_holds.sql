-- For administrators.

alter table private.video_holds enable row level security;

revoke all on private.video_holds from public, anon, authenticated, service_role;
