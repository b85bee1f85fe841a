create or replace function private.count_views()
returns trigger
language plpgsql
security definer -- no client may write counters
set search_path = ''
as $$
begin
    perform private.append_delta(c.video_id, views => -c.amount)
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

comment on function private.count_views() is
'Trigger, per statement, after viewers are gone: counts their views off, once per video.';

revoke all on function private.count_views()
from public, anon, authenticated, service_role;
