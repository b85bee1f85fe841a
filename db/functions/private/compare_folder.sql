create or replace function private.compare_folder(folder text, files jsonb)
returns table (problem text, file_path text, file_id text)
language plpgsql
stable
security definer -- media_worker holds no grant on files, tickets and orders
set search_path = ''
as $$
begin
    return query
    with listed as (
        select
            f.file ->> 'filePath' as file_path,
            f.file ->> 'fileId' as file_id
        from jsonb_array_elements(compare_folder.files) as f (file)
    ),
    known as (
        select
            p.file_path,
            v.deleted_at is null as is_wanted
        from private.video_files as f
        inner join public.videos as v on f.video_id = v.id
        cross join lateral (
            values (f.folder, f.file_path), (f.thumbnail_folder, f.thumbnail_path)
        ) as p (folder, file_path)
        where
            (
                f.folder = compare_folder.folder
                or f.thumbnail_folder = compare_folder.folder
            )
            and p.folder = compare_folder.folder
        union all
        select
            t.file_path,
            -- A published avatar lives as long as it is shown, under whatever endpoint.
            exists (
                select
                from public.user_profiles as p
                where
                    p.user_id = t.user_id
                    and right(p.avatar, char_length(t.file_path)) = t.file_path
            )
        from private.upload_tickets as t
        where
            t.folder = compare_folder.folder
            and t.purpose = 'avatar'
            and t.state = 'published'
    )
    select
        'orphan',
        l.file_path,
        l.file_id
    from listed as l
    where
        not exists (
            select from known as k where k.file_path = l.file_path and k.is_wanted
        )
        and not exists (
            select
            from private.upload_tickets as t
            where t.file_path = l.file_path and t.state in ('issued', 'uploaded')
        )
        and not exists (
            select
            from private.media_deletions as m
            where
                m.state in ('queued', 'stopped')
                and (
                    m.target = compare_folder.folder
                    or (m.target = l.file_path and m.file_id = l.file_id)
                )
        )
    union all
    select
        'missing',
        k.file_path,
        null
    from known as k
    where
        k.is_wanted
        and not exists (select from listed as l where l.file_path = k.file_path)
    order by 1, 2;
end
$$;

comment on function private.compare_folder(text, jsonb) is
'What does not agree between a folder''s files as ImageKit lists them ([{filePath, '
'fileId}], all of them) and the tables: orphan, a file that nothing knows and nobody has '
'ordered deleted; missing, a file that a visible row needs and ImageKit lacks.';

revoke all on function private.compare_folder(text, jsonb)
from public, anon, authenticated, service_role;
grant execute on function private.compare_folder(text, jsonb)
to media_worker;
