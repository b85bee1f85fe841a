create or replace function ops.settle_alarm(id bigint)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update private.alarms as a
    set settled_at = now()
    where a.id = settle_alarm.id and a.settled_at is null;

    if not found then
        raise exception 'there is no open alarm %', settle_alarm.id
            using errcode = 'no_data_found';
    end if;
end
$$;

comment on function ops.settle_alarm(bigint) is
'Closes an alarm; it opens again when its cause comes back. Errors: no_data_found.';

revoke all on function ops.settle_alarm(bigint)
from public, anon, authenticated, service_role;
