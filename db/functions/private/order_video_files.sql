create or replace function private.order_video_files()
returns trigger
language plpgsql
security definer -- nobody but this project's functions writes deletion orders
set search_path = ''
as $$
begin
    perform private.order_files(array[new.id], 'deleted');
    return null;
end
$$;

comment on function private.order_video_files() is
'Trigger, when a video is marked as deleted: orders the deletion of its files at once, '
'in the same transaction.';

revoke all on function private.order_video_files()
from public, anon, authenticated, service_role;
