create or replace function public.record_view(video_id uuid)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
    return private.record_view(record_view.video_id);
end
$$;

comment on function public.record_view(uuid) is
'Counts a view of a visible video. The rule: one per viewer, video and half hour (UTC, '
'from :00 and :30); a viewer is a signed-in user, else an address, of which only a hash '
'with a salt of the day is kept; the owner''s own views never count. True when it '
'counted. Errors: suspended, rate_limited, video_not_found, video_expired.';

revoke all on function public.record_view(uuid)
from public, anon, authenticated, service_role;
grant execute on function public.record_view(uuid)
to anon, authenticated, service_role;
