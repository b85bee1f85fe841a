-- Written by count_days(), approved by ops.approve_day().

alter table private.video_days enable row level security;

revoke all on private.video_days from public, anon, authenticated, service_role;
