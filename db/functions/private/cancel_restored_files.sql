create or replace function private.cancel_restored_files()
returns trigger
language plpgsql
security definer -- nobody but this project's functions writes deletion orders
set search_path = ''
as $$
begin
    update private.media_deletions as m
    set
        state = 'cancelled',
        finished_at = now()
    from restored as f
    where
        m.kind = 'file'
        -- Also those given up: tried again, they would delete what is wanted.
        and m.state in ('queued', 'stopped', 'dead')
        and m.target in (f.file_path, f.thumbnail_path);
    return null;
end
$$;

comment on function private.cancel_restored_files() is
'Trigger, per statement, after rows came into private.video_files: a file that is '
'wanted again, as after a restore, is not deleted.';

revoke all on function private.cancel_restored_files()
from public, anon, authenticated, service_role;
