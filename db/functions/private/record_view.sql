create or replace function private.record_view(video_id uuid)
returns boolean
language plpgsql
security definer -- no client may read or write viewers and counters
set search_path = ''
as $$
declare
    v_is_own boolean;
begin
    -- A crash may lose the views of its last half second; nobody waits for the disk.
    perform set_config('synchronous_commit', 'off', true);

    perform private.admit_viewer('record_view');
    perform private.require_visible_video(record_view.video_id);

    select v.user_id = private.viewer_id() into v_is_own
    from public.videos as v
    where v.id = record_view.video_id;

    if v_is_own then
        return false;
    end if;

    insert into private.video_viewers (video_id, viewer_key, viewed_from)
    values (
        record_view.video_id,
        private.viewer_key(),
        date_bin(interval '30 minutes', now(), timestamptz 'epoch')
    )
    on conflict do nothing;

    if not found then
        return false;
    end if;

    perform private.increment_video_views(record_view.video_id);
    return true;
end
$$;

comment on function private.record_view(uuid) is
'Counts a view: one per viewer, video and half hour, never the owner''s own. True when '
'it counted. Errors: suspended, rate_limited, video_not_found, video_expired.';

revoke all on function private.record_view(uuid)
from public, anon, authenticated, service_role;
grant execute on function private.record_view(uuid)
to anon, authenticated, service_role;
