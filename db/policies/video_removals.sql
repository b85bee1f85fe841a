-- Written by private.note_removal(), sent by private.announce_removals().

alter table private.video_removals enable row level security;

revoke all on private.video_removals from public, anon, authenticated, service_role;
