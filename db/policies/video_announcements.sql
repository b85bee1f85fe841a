-- Read and written by private.append_delta() and those that announce.

alter table private.video_announcements enable row level security;

revoke all on private.video_announcements
from public, anon, authenticated, service_role;
