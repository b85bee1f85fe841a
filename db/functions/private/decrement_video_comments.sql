-- depends: append_delta
create or replace function private.decrement_video_comments(
    video_id uuid,
    amount bigint default 1
)
returns void
language sql
return private.append_delta(
    decrement_video_comments.video_id, comments => -decrement_video_comments.amount
);

comment on function private.decrement_video_comments(uuid, bigint) is
'Counts deleted comments, one unless told otherwise. Called by count_comments triggers.
Executable by no client.';

revoke all on function private.decrement_video_comments(uuid, bigint)
from public, anon, authenticated, service_role;
