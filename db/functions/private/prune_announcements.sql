create or replace function private.prune_announcements()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_rows integer;
begin
    -- An hour: a like that was under way when the row went is long over.
    delete from private.video_announcements as a
    where a.video_id in (
        select o.video_id
        from private.video_announcements as o
        where o.sent_at < now() - interval '1 hour'
        limit 5000
        for update skip locked
    );
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.prune_announcements() is
'Job: forgets up to 5000 videos of which nothing was sent for an hour; their number.';

revoke all on function private.prune_announcements()
from public, anon, authenticated, service_role;
