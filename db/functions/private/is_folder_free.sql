create or replace function private.is_folder_free(folder text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
    return not exists (
        select
        from private.video_files as f
        inner join public.videos as v on f.video_id = v.id
        where
            (f.folder = is_folder_free.folder or f.thumbnail_folder = is_folder_free.folder)
            and (
                v.deleted_at is null
                or exists (
                    select from private.video_holds as h where h.video_id = v.id
                )
            )
    ) and not exists (
        select
        from private.upload_tickets as t
        where t.folder = is_folder_free.folder and t.state in ('issued', 'uploaded')
    );
end
$$;

comment on function private.is_folder_free(text) is
'Does no video that stays, and no open upload, have its path in this folder?';

revoke all on function private.is_folder_free(text)
from public, anon, authenticated, service_role;
