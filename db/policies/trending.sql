-- Readable, so that trending_videos can join it as the caller: ids and ranks, no
-- people. Which of the videos he sees is up to the policies of videos.

alter table private.trending enable row level security;

revoke all on private.trending from public, anon, authenticated, service_role;
grant select on private.trending to anon, authenticated, service_role;

create policy select_all on private.trending
for select to anon, authenticated
using (true);
