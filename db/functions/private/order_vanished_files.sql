create or replace function private.order_vanished_files()
returns trigger
language plpgsql
security definer -- nobody but this project's functions writes deletion orders
set search_path = ''
as $$
begin
    -- Whoever removed the row for a known reason has written his order before. What
    -- is left vanished some other way, perhaps by mistake: it gets time to come back.
    insert into private.media_deletions (
        kind, target, file_id, vanished_video_id, reason, not_before
    )
    select
        'file',
        p.file_path,
        p.file_id,
        f.video_id,
        'unexplained',
        now() + (select s.deletion_grace from private.settings as s where s.singleton)
    from vanished as f
    cross join lateral (
        values
        (f.file_path, f.file_id, f.folder),
        (f.thumbnail_path, f.thumbnail_file_id, f.thumbnail_folder)
    ) as p (file_path, file_id, folder)
    where
        p.file_path is not null
        and not exists (
            select
            from private.media_deletions as m
            where
                m.target in (p.file_path, p.folder)
                and m.state <> 'cancelled'
                -- What is there after its folder went came later.
                and (m.kind <> 'folder' or m.state <> 'done')
        )
    on conflict (kind, target) where state = 'queued' do nothing;

    if found then
        perform private.stop_unexplained_deletions();
    end if;
    return null;
end
$$;

comment on function private.order_vanished_files() is
'Trigger, per statement, after rows of private.video_files are gone: orders the '
'deletion of files nobody has ordered yet, after settings.deletion_grace, unless so many '
'vanish that it looks like a mistake.';

revoke all on function private.order_vanished_files()
from public, anon, authenticated, service_role;
