create or replace function private.retire_aged_videos()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_ids uuid[];
    v_retired integer;
begin
    if not private.may_retire_aged_videos() then
        return 0;
    end if;

    v_ids := array(
        select v.id
        from private.aged_videos as v
        order by v.created_at
        limit 100
        for update skip locked
    );
    -- In this order, as erasing a person takes his of them; cascading has none, and the
    -- two would wait for each other.
    perform from public.video_likes as l
    where l.video_id = any (v_ids)
    order by l.video_id, l.user_id
    for update;
    perform from public.video_comments as c
    where c.video_id = any (v_ids)
    order by c.video_id, c.id
    for update;

    v_retired := private.retire_videos(v_ids);
    update private.retirement_state as s
    set aged_approved = greatest(s.aged_approved - v_retired, 0)
    where s.singleton and s.aged_approved > 0;
    return v_retired;
end
$$;

comment on function private.retire_aged_videos() is
'Takes up to 100 videos of private.aged_videos away, unless they are so many that an '
'administrator is asked first. Gives their number.';

revoke all on function private.retire_aged_videos()
from public, anon, authenticated, service_role;
