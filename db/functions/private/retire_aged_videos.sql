create or replace function private.retire_aged_videos()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    -- Younger ids than those of the day that is ending, which goes as a whole.
    v_from constant uuid := private.uuid_v7_floor(
        date_trunc('day', private.oldest_visible_at() at time zone 'utc')
        at time zone 'utc' + interval '1 day'
    );
    v_ids uuid[];
begin
    v_ids := array(
        select v.id
        from public.videos as v
        where
            v.created_at <= private.oldest_visible_at()
            and v.id >= v_from
            and v.deleted_at is null
            and not exists (
                select from private.video_holds as h where h.video_id = v.id
            )
        order by v.created_at
        limit 1000
        for update skip locked
    );
    perform private.order_files(v_ids, 'retired');

    delete from public.videos as v
    where v.id = any (v_ids);
    return cardinality(v_ids);
end
$$;

comment on function private.retire_aged_videos() is
'Takes up to 1000 videos away whose date has outlived the retention though their id''s '
'day has not begun to: rows that an administrator aged. Gives their number.';

revoke all on function private.retire_aged_videos()
from public, anon, authenticated, service_role;
