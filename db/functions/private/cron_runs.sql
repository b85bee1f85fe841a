create or replace function private.cron_runs()
returns table (
    job text,
    schedule text,
    is_active boolean,
    started_at timestamptz,
    ended_at timestamptz,
    status text,
    message text
)
language plpgsql
stable
set search_path = ''
as $$
begin
    if to_regclass('cron.job_run_details') is null then
        raise notice 'pg_cron is not installed here: nothing runs by itself.'
            using hint = 'Run "make maintenance" every minute from another scheduler.';
        return;
    end if;

    -- Dynamic, because a server without pg_cron has no such tables.
    for job, schedule, is_active, started_at, ended_at, status, message in
        execute format(
            'select j.jobname, j.schedule, j.active, d.start_time, d.end_time, d.status,
                d.return_message
            from cron.job as j
            left join cron.job_run_details as d on j.jobid = d.jobid
            where j.database = %L',
            current_database()
        )
    loop
        return next;
    end loop;
end
$$;

comment on function private.cron_runs() is
'What pg_cron''s log, of the last 7 days, has of the jobs of this database, for '
'ops.cron_health: a row a run, and one without times for a job that never ran. Nothing, '
'and a notice of what to do, where there is no pg_cron.';

revoke all on function private.cron_runs()
from public, anon, authenticated, service_role;
