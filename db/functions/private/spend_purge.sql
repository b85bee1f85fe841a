create or replace function private.spend_purge()
returns void
language plpgsql
security definer -- media_worker holds no grant on the state of workers
set search_path = ''
as $$
declare
    v_month constant date := date_trunc('month', now() at time zone 'utc')::date;
begin
    update private.media_worker_state as w
    set
        purges_used = case when w.purge_month = v_month then w.purges_used else 0 end + 1,
        purge_month = v_month
    where w.singleton;
end
$$;

comment on function private.spend_purge() is
'Counts one purge that ImageKit has accepted against the month''s budget.';

revoke all on function private.spend_purge()
from public, anon, authenticated, service_role;
grant execute on function private.spend_purge()
to media_worker;
