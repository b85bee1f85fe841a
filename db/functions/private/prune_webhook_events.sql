create or replace function private.prune_webhook_events()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_rows integer;
begin
    delete from private.webhook_events as e
    where e.id in (
        select o.id
        from private.webhook_events as o
        where o.received_at < now() - interval '7 days'
        order by o.received_at
        limit 5000
    );
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.prune_webhook_events() is
'Job: forgets up to 5000 webhooks older than 7 days, which their signature no longer lets '
'in; their number.';

revoke all on function private.prune_webhook_events()
from public, anon, authenticated, service_role;
