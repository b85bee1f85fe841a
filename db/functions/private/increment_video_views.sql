create or replace function private.increment_video_views(
    video_id uuid,
    amount bigint default 1
)
returns void
language plpgsql
set search_path = ''
as $$
begin
    perform private.append_delta(
        increment_video_views.video_id,
        views => increment_video_views.amount
    );
end
$$;

comment on function private.increment_video_views(uuid, bigint) is
'Counts views of a video, one unless told otherwise. Called by private.record_view().
Executable by no client.';

revoke all on function private.increment_video_views(uuid, bigint)
from public, anon, authenticated, service_role;
