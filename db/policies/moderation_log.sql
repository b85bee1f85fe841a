-- Written by ops.hide_video() and ops.show_video().

alter table private.moderation_log enable row level security;

revoke all on private.moderation_log from public, anon, authenticated, service_role;
