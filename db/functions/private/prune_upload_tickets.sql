create or replace function private.prune_upload_tickets()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_rows integer;
begin
    delete from private.upload_tickets as t
    where t.id in (
        select o.id
        from private.upload_tickets as o
        where
            (o.state = 'swept' or (o.state = 'published' and o.purpose <> 'avatar'))
            -- Until the tombstone of the video that came of it is forgotten as well.
            and o.updated_at <= now() - (
                select s.retention + s.tombstone_life
                from private.settings as s
                where s.singleton
            )
            -- A held video, or one of a day too large to retire, outlives the retention.
            and not exists (
                select
                from private.video_files as f
                where o.file_path in (f.file_path, f.thumbnail_path)
            )
        order by o.updated_at
        limit 5000
    );
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.prune_upload_tickets() is
'Job: forgets up to 5000 swept or published tickets after the retention and '
'settings.tombstone_life; their number. Until then the owner sees what became of the '
'upload, and publishing again gives the same video. The ticket of an avatar stays while '
'it is worn: it goes with the order to delete it (private.prune_media_deletions).';

revoke all on function private.prune_upload_tickets()
from public, anon, authenticated, service_role;
