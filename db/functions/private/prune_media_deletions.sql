create or replace function private.prune_media_deletions()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_ids constant bigint[] := array(
        select m.id
        from private.media_deletions as m
        where
            m.state in ('done', 'cancelled')
            and m.finished_at <= now() - (
                select s.tombstone_life from private.settings as s where s.singleton
            )
            -- As long as a row knows the file, that it was ordered keeps it from being
            -- ordered again when the row goes: after a hold, or with a large day.
            and (
                m.state = 'cancelled'
                or not exists (
                    select
                    from private.video_files as f
                    where
                        m.kind = 'file' and m.target in (f.file_path, f.thumbnail_path)
                        or m.kind = 'folder' and m.target in (f.folder, f.thumbnail_folder)
                )
            )
        order by m.finished_at
        limit 5000
    );
begin
    -- With the order nobody would know that the picture is gone, and it could be worn.
    delete from private.upload_tickets as t
    using private.media_deletions as m
    where
        m.id = any(v_ids)
        and m.kind = 'file'
        and m.state = 'done'
        and t.file_path = m.target
        and t.purpose = 'avatar'
        and t.state = 'published';

    delete from private.media_deletions as m
    where m.id = any(v_ids);
    return cardinality(v_ids);
end
$$;

comment on function private.prune_media_deletions() is
'Job: forgets up to 5000 deletion orders that were carried out or cancelled longer than '
'settings.tombstone_life ago, as the tombstones of their videos are, and with an avatar''s '
'its ticket; their number. Dead and stopped ones stay for an administrator.';

revoke all on function private.prune_media_deletions()
from public, anon, authenticated, service_role;
