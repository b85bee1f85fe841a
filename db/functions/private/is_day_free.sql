create or replace function private.is_day_free(folder text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
    -- All that begins with the folder and a slash: the next character is the zero.
    v_from constant text := is_day_free.folder || '/';
    v_to constant text := is_day_free.folder || '0';
begin
    return not exists (
        select
        from private.video_files as f
        where f.file_path > v_from and f.file_path < v_to
    ) and not exists (
        select
        from private.video_files as f
        where f.thumbnail_path > v_from and f.thumbnail_path < v_to
    ) and not exists (
        select
        from private.media_deletions as m
        where
            m.target > v_from
            and m.target < v_to
            and m.kind in ('file', 'folder')
            and m.state in ('queued', 'stopped', 'dead')
    ) and not exists (
        select
        from private.upload_tickets as t
        where
            t.file_path > v_from
            and t.file_path < v_to
            and t.state in ('issued', 'uploaded')
    );
end
$$;

comment on function private.is_day_free(text) is
'Has no row of a video, whether it stays or not, no open upload and no unsettled order '
'its path below this folder of a day?';

revoke all on function private.is_day_free(text)
from public, anon, authenticated, service_role;
