create or replace function private.prune_tombstones()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_rows integer;
begin
    delete from private.video_tombstones as t
    where t.video_id in (
        select o.video_id
        from private.video_tombstones as o
        where o.ended_at <= now() - (
            select s.tombstone_life from private.settings as s where s.singleton
        )
        limit 5000
    );
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.prune_tombstones() is
'Job: forgets up to 5000 tombstones older than settings.tombstone_life; their number.';

revoke all on function private.prune_tombstones()
from public, anon, authenticated, service_role;
