-- Readable, so that video_feed can add what is pending: counts, no people.

alter table private.video_deltas enable row level security;

revoke all on private.video_deltas from public, anon, authenticated, service_role;
grant select on private.video_deltas to anon, authenticated, service_role;

create policy select_all on private.video_deltas
for select to anon, authenticated
using (true);
