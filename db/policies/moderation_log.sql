-- Written by the functions of ops that hide, show and remove videos.

alter table private.moderation_log enable row level security;

revoke all on private.moderation_log from public, anon, authenticated, service_role;
