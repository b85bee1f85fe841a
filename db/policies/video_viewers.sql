-- Written by record_view() alone: who watched what is nobody's business.

alter table private.video_viewers enable row level security;

revoke all on private.video_viewers from public, anon, authenticated, service_role;
