create or replace function private.cancel_restored_files()
returns trigger
language plpgsql
security definer -- nobody but this project's functions writes deletion orders
set search_path = ''
as $$
begin
    perform private.cancel_files(
        array(
            select p.file_path
            from restored as f
            cross join lateral (
                values (f.file_path), (f.thumbnail_path)
            ) as p (file_path)
            where p.file_path is not null
        )
    );
    return null;
end
$$;

comment on function private.cancel_restored_files() is
'Trigger, per statement, after rows came into private.video_files: a file that is '
'wanted again, as after a restore, is not deleted; one that was already raises an alarm.';

revoke all on function private.cancel_restored_files()
from public, anon, authenticated, service_role;
