create or replace function private.count_comments()
returns trigger
language plpgsql
security definer -- no client may write counters
set search_path = ''
as $$
begin
    perform case tg_op
        when 'INSERT' then private.increment_video_comments(c.video_id, c.amount)
        else private.decrement_video_comments(c.video_id, c.amount)
    end
    from (
        select
            g.video_id,
            count(*) as amount
        from changed as g
        group by g.video_id
    ) as c;
    return null;
end
$$;

comment on function private.count_comments() is
'Trigger, per statement: counts the comments it added or removed, once per video.';

revoke all on function private.count_comments()
from public, anon, authenticated, service_role;
