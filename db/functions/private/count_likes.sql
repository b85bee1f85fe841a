create or replace function private.count_likes()
returns trigger
language plpgsql
security definer -- no client may write counters
set search_path = ''
as $$
declare
    v_change record;
begin
    for v_change in
        select
            c.video_id,
            count(*) as amount
        from changed as c
        group by c.video_id
    loop
        if tg_op = 'INSERT' then
            perform private.increment_video_likes(v_change.video_id, v_change.amount);
        else
            perform private.decrement_video_likes(v_change.video_id, v_change.amount);
        end if;
    end loop;
    return null;
end
$$;

comment on function private.count_likes() is
'Trigger, per statement: counts the likes it added or removed, once per video.';

revoke all on function private.count_likes()
from public, anon, authenticated, service_role;
