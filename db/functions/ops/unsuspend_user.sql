create or replace function ops.unsuspend_user(user_id text, reason text default null)
returns void
language plpgsql
set search_path = ''
as $$
begin
    delete from private.user_suspensions as s
    where s.user_id = unsuspend_user.user_id;

    if not found then
        raise exception '% is not suspended', unsuspend_user.user_id
            using errcode = 'no_data_found';
    end if;

    insert into private.suspension_log (user_id, action, reason)
    values (unsuspend_user.user_id, 'unsuspend', unsuspend_user.reason);
end
$$;

comment on function ops.unsuspend_user(text, text) is
'Lets a suspended person write again, at once. Logged in private.suspension_log, with a '
'reason if one is given. Hidden videos stay hidden: see ops.show_user_videos(). '
'Errors: no_data_found.';

revoke all on function ops.unsuspend_user(text, text)
from public, anon, authenticated, service_role;
