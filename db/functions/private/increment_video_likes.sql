-- depends: append_delta
create or replace function private.increment_video_likes(
    video_id uuid,
    amount bigint default 1
)
returns void
language sql
return private.append_delta(
    increment_video_likes.video_id, likes => increment_video_likes.amount
);

comment on function private.increment_video_likes(uuid, bigint) is
'Counts likes of a video, one unless told otherwise. Called by count_likes triggers.
Executable by no client.';

revoke all on function private.increment_video_likes(uuid, bigint)
from public, anon, authenticated, service_role;
