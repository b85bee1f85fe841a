create or replace function private.expire_uploads()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_rows integer;
begin
    update private.upload_tickets as t
    set
        state = 'expired',
        reason = case t.state when 'issued' then 'not_published' else 'not_confirmed' end,
        next_check_at = now()
    where t.id in (
        select d.id
        from private.upload_tickets as d
        cross join private.settings as s
        where
            d.state in ('issued', 'uploaded')
            and d.expires_at <= now() - case d.state
                when 'issued' then s.ticket_grace
                else s.upload_patience
            end
        order by d.expires_at
        limit 1000
        -- Whoever is publishing one of them holds its row, and wins.
        for update of d skip locked
    );
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.expire_uploads() is
'Job: ends up to 1000 tickets that were not published in time, so that what was uploaded '
'with them is swept; their number.';

revoke all on function private.expire_uploads()
from public, anon, authenticated, service_role;
