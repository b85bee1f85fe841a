-- The one predicate of visibility, in two forms. Nobody is exempt, owners neither.

create or replace function private.can_see_video(
    video public.videos,
    oldest_visible_id uuid,
    oldest_visible_at timestamptz,
    blocked_user_ids text[]
)
returns boolean
language sql
immutable
parallel safe
return can_see_video.video.id >= can_see_video.oldest_visible_id
and can_see_video.video.created_at > can_see_video.oldest_visible_at
and can_see_video.video.deleted_at is null
and can_see_video.video.hidden_at is null
and can_see_video.video.user_id <> all(can_see_video.blocked_user_ids);

comment on function
private.can_see_video(public.videos, uuid, timestamptz, text[]) is
'Is this row visible: young enough by id and date, not deleted, not hidden, its owner '
'not blocked? For policies, which pass the last three as (select private....()): it is '
'inlined, and its first condition becomes an index condition.';

revoke all on function
private.can_see_video(public.videos, uuid, timestamptz, text[])
from public, anon, authenticated, service_role;
grant execute on function
private.can_see_video(public.videos, uuid, timestamptz, text[])
to anon, authenticated, service_role, media_worker;

create or replace function private.can_see_video(video_id uuid)
returns boolean
language plpgsql
stable
parallel safe
security definer -- looks the row up once instead of under the policies of its table
set search_path = ''
as $$
declare
    v_oldest_visible_at constant timestamptz := private.oldest_visible_at();
begin
    return exists (
        select
        from public.videos as v
        where
            v.id = can_see_video.video_id
            and private.can_see_video(
                v,
                private.uuid_v7_floor(v_oldest_visible_at),
                v_oldest_visible_at,
                private.blocked_user_ids()
            )
    );
end
$$;

comment on function private.can_see_video(uuid) is
'May the caller see this video now? False for unknown, expired, hidden and deleted '
'ones, and when he and its owner do not meet.';

revoke all on function private.can_see_video(uuid)
from public, anon, authenticated, service_role;
grant execute on function private.can_see_video(uuid)
to anon, authenticated, service_role, media_worker;
