create or replace function private.cancel_files(file_paths text[])
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_path text;
begin
    for v_path in
        select distinct m.target
        from private.media_deletions as m
        where
            m.kind = 'file'
            and m.state = 'done'
            and m.target = any(cancel_files.file_paths)
    loop
        perform private.raise_alarm(
            'file_missing', v_path,
            'A video came back whose file was deleted before. Upload it to this path '
            'again, or remove the video.'
        );
    end loop;

    update private.media_deletions as m
    set
        state = 'cancelled',
        finished_at = now()
    where
        m.kind = 'file'
        -- Also those given up: tried again, they would delete what is wanted. And those
        -- carried out: they say nothing about what lies there from now on.
        and m.state in ('queued', 'stopped', 'dead', 'done')
        and m.target = any(cancel_files.file_paths);
end
$$;

comment on function private.cancel_files(text[]) is
'Cancels all orders to delete these files, which are wanted again; an order that was '
'carried out already raises an alarm.';

revoke all on function private.cancel_files(text[])
from public, anon, authenticated, service_role;
