-- depends: append_delta
create or replace function private.decrement_video_likes(
    video_id uuid,
    amount bigint default 1
)
returns void
language sql
return private.append_delta(
    decrement_video_likes.video_id, likes => -decrement_video_likes.amount
);

comment on function private.decrement_video_likes(uuid, bigint) is
'Counts likes taken back, one unless told otherwise. Called by count_likes triggers.
Executable by no client.';

revoke all on function private.decrement_video_likes(uuid, bigint)
from public, anon, authenticated, service_role;
