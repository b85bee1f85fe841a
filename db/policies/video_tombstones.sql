-- Written as videos go; an owner learns of his own through get_video().

alter table private.video_tombstones enable row level security;

revoke all on private.video_tombstones from public, anon, authenticated, service_role;
