create or replace function private.erase_me()
returns boolean
language plpgsql
security definer -- erases what no client may write
set search_path = ''
as $$
declare
    v_viewer_id constant text := private.require_viewer();
begin
    perform private.spend_token('erase_me');

    insert into private.erasures (user_id)
    values (v_viewer_id)
    on conflict do nothing;

    -- Half a second. Who has more is hidden now and erased by the job.
    perform private.erase_person(v_viewer_id, 5000);

    delete from private.erasures as e
    where
        e.user_id is null
        and not exists (select from public.user_profiles as p where p.user_id = e.alias);

    return not exists (
        select from private.erasures as e where e.user_id = v_viewer_id
    );
end
$$;

comment on function private.erase_me() is
'Erases the caller. True when nothing names him any more; false when he has so much that '
'private.erase_people() goes on with it. Errors: sign_in_required, '
'rate_limited.';

revoke all on function private.erase_me()
from public, anon, authenticated, service_role;
grant execute on function private.erase_me()
to authenticated, service_role;
