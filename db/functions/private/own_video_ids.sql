create or replace function private.own_video_ids()
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- one look past the policies of videos, for a policy
set search_path = ''
as $$
declare
    v_viewer_id text := private.viewer_id();
begin
    return array(
        select v.id
        from public.videos as v
        where
            v.user_id = v_viewer_id
            and private.can_see_video(
                v,
                private.oldest_visible_id(),
                private.oldest_visible_at(),
                private.blocked_user_ids()
            )
    );
end
$$;

comment on function private.own_video_ids() is
'The visible videos of the caller. For a policy, which writes '
'(select private.own_video_ids()): a subquery there would be counted as work in the plan '
'of every page that asks for a like, and lead to other plans.';

revoke all on function private.own_video_ids()
from public, anon, authenticated, service_role;
grant execute on function private.own_video_ids()
to authenticated, service_role;
