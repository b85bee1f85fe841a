create or replace function private.cancel_video_files()
returns trigger
language plpgsql
security definer -- nobody but this project's functions writes deletion orders
set search_path = ''
as $$
begin
    perform private.cancel_files(
        array(
            select p.file_path
            from private.video_files as f
            cross join lateral (
                values (f.file_path), (f.thumbnail_path)
            ) as p (file_path)
            where f.video_id = new.id and p.file_path is not null
        )
    );
    return null;
end
$$;

comment on function private.cancel_video_files() is
'Trigger, when an administrator takes a deletion mark back: cancels the orders to '
'delete its files; those carried out already raise an alarm.';

revoke all on function private.cancel_video_files()
from public, anon, authenticated, service_role;
