create or replace function private.prune_cron_log()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_rows integer := 0;
begin
    -- Dynamic, because a server without pg_cron has no such table.
    if to_regclass('cron.job_run_details') is not null then
        execute
            'delete from cron.job_run_details where runid in ('
            'select runid from cron.job_run_details '
            'where end_time < now() - interval ''7 days'' order by runid limit 5000)';
        get diagnostics v_rows = row_count;
    end if;
    return v_rows;
end
$$;

comment on function private.prune_cron_log() is
'Job: forgets up to 5000 runs older than 7 days in pg_cron''s own log, which nobody '
'else empties; their number.';

revoke all on function private.prune_cron_log()
from public, anon, authenticated, service_role;
