create or replace function private.order_day_folders()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    -- As the lease has it: the retention, and a day more.
    v_last_free_day constant date := (
        (private.oldest_visible_at() - interval '1 day') at time zone 'utc'
    )::date;
    v_rows integer;
begin
    with ordered as (
        update private.video_days as d
        set folder_ordered_at = now()
        where
            d.folder_ordered_at is null
            and d.day <= v_last_free_day
            and private.is_day_free(to_char(d.day, '"/videos/"YYYY-MM-DD'))
        returning d.day
    )
    insert into private.media_deletions (kind, target, reason)
    select
        'folder',
        to_char(o.day, '"/videos/"YYYY-MM-DD'),
        'retired'
    from ordered as o
    on conflict (kind, target) where state = 'queued' do nothing;
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.order_day_folders() is
'Job: orders the deletion of each day''s own folder, once, when the day has outlived the '
'retention and nothing is below it any more; their number. ImageKit keeps a folder whose '
'files and hours are gone. Folders of avatars stay: a worn one may lie in any of them.';

revoke all on function private.order_day_folders()
from public, anon, authenticated, service_role;
