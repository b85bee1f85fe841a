create or replace function private.order_files(video_ids uuid[], reason text)
returns void
language plpgsql
set search_path = ''
as $$
begin
    insert into private.media_deletions as m (kind, target, file_id, reason)
    select
        'file',
        p.file_path,
        p.file_id,
        order_files.reason
    from private.video_files as f
    cross join lateral (
        values
        (f.file_path, f.file_id, f.folder),
        (f.thumbnail_path, f.thumbnail_file_id, f.thumbnail_folder)
    ) as p (file_path, file_id, folder)
    where
        f.video_id = any (order_files.video_ids)
        and p.file_path is not null
        -- What is retired goes with its folder; any other reason does not wait for that.
        and not (
            order_files.reason = 'retired'
            and exists (
                select
                from private.media_deletions as o
                where
                    o.target = p.folder
                    and o.kind = 'folder'
                    and o.state not in ('done', 'cancelled')
            )
        )
    on conflict (kind, target) where state = 'queued' do update
    set
        reason = excluded.reason,
        not_before = least(m.not_before, excluded.not_before);
end
$$;

comment on function private.order_files(uuid[], text) is
'Orders the deletion of the files of videos at once, for a reason that '
'media_deletions.reason knows; an order that waits is hastened.';

revoke all on function private.order_files(uuid[], text)
from public, anon, authenticated, service_role;
