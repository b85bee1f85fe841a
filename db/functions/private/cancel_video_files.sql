create or replace function private.cancel_video_files()
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
    from private.video_files as f
    where
        f.video_id = new.id
        and m.kind = 'file'
        -- Also those given up: tried again, they would delete what is wanted.
        and m.state in ('queued', 'stopped', 'dead')
        and m.target in (f.file_path, f.thumbnail_path);
    return null;
end
$$;

comment on function private.cancel_video_files() is
'Trigger, when an administrator takes a deletion mark back: cancels the orders to '
'delete its files, as far as they are not carried out.';

revoke all on function private.cancel_video_files()
from public, anon, authenticated, service_role;
