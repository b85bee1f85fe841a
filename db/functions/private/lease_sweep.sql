create or replace function private.lease_sweep()
returns text
language plpgsql
security definer -- media_worker holds no grant on tickets
set search_path = ''
as $$
declare
    v_folder text;
begin
    if not private.may_call_media() then
        return null;
    end if;

    select t.folder into v_folder
    from private.upload_tickets as t
    where t.state in ('failed', 'expired') and t.next_check_at <= now()
    order by t.next_check_at
    limit 1
    for update skip locked;

    update private.upload_tickets as t
    set next_check_at = now() + interval '10 minutes'
    where
        t.folder = v_folder
        and t.state in ('failed', 'expired')
        and t.next_check_at <= now();
    return v_folder;
end
$$;

comment on function private.lease_sweep() is
'A folder in which failed or expired uploads may have left files; null when there is '
'none, or while workers are paused or stopped. List it at ImageKit and hand the list to '
'private.sweep_folder(); else it comes again after 10 minutes.';

revoke all on function private.lease_sweep()
from public, anon, authenticated, service_role;
grant execute on function private.lease_sweep()
to media_worker;
