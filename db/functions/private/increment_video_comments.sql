-- depends: append_delta
create or replace function private.increment_video_comments(
    video_id uuid,
    amount bigint default 1
)
returns void
language sql
return private.append_delta(
    increment_video_comments.video_id, comments => increment_video_comments.amount
);

comment on function private.increment_video_comments(uuid, bigint) is
'Counts comments, one unless told otherwise. Called by count_comments triggers.
Executable by no client.';

revoke all on function private.increment_video_comments(uuid, bigint)
from public, anon, authenticated, service_role;
