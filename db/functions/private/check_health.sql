create or replace function private.check_health(newest_migration text default null)
returns table (name text, ok boolean, value numeric, detail text)
language plpgsql
security definer -- media_worker holds no grant on any table
set search_path = ''
as $$
declare
    v_last_run timestamptz;
    v_may_rest interval;
    v_overdue interval;
    v_oldest timestamptz;
    v_alarms text[];
begin
    name := 'deploy';
    ok := check_health.newest_migration is null or exists (
        select from deploy.migrations as m
        where m.version = check_health.newest_migration
    );
    value := (select count(*) from deploy.migrations as m);
    detail := case
        when not ok then 'The database lacks migrations that this code came with.'
    end;
    return next;

    name := 'cron';
    -- Folding runs each minute, for 50 s when there is much; the check of a day's
    -- counters once an hour, whoever the scheduler is.
    if to_regclass('cron.job_run_details') is not null then
        -- The log has no index but runid's; two minutes of all jobs are some 40 rows.
        execute
            'select max(r.end_time) from ('
            'select d.jobid, d.status, d.end_time from cron.job_run_details as d '
            'order by d.runid desc limit 500) as r '
            'inner join cron.job as j on r.jobid = j.jobid '
            'where r.status = ''succeeded'' and j.jobname = ''ig-live: fold counters'''
        into v_last_run;
        v_may_rest := interval '5 minutes';
    else
        v_last_run := (select max(c.checked_at) from private.drift_checks as c);
        v_may_rest := interval '3 hours';
    end if;
    -- A new database is given as long as one that runs.
    v_last_run := greatest(
        v_last_run, (select max(d.deployed_at) from deploy.deploys as d)
    );
    value := round(extract(epoch from clock_timestamp() - v_last_run), 3);
    ok := coalesce(v_last_run > clock_timestamp() - v_may_rest, false);
    detail := case
        when not ok then format(
            'No job has run since %s.',
            coalesce(private.utc_text(v_last_run), 'this database was made')
        )
    end;
    return next;

    name := 'retention';
    v_oldest := (
        select private.uuid_v7_time(v.id)
        from public.videos as v
        where
            not exists (
                select from private.video_holds as h where h.video_id = v.id
            )
        order by v.id
        limit 1
    );
    v_overdue := greatest(private.oldest_visible_at() - v_oldest, interval '0');
    value := coalesce(round(extract(epoch from v_overdue), 3), 0);
    -- A day goes when its last video has outlived the retention: its first is a day
    -- older then. Two hours are for the work itself.
    ok := coalesce(v_overdue <= interval '26 hours', true);
    detail := case
        when not ok then format(
            'Videos of %s should be gone: ops.retention.',
            (v_oldest at time zone 'utc')::date
        )
    end;
    return next;

    name := 'deletions';
    select
        count(*),
        coalesce(bool_and(due.since > clock_timestamp() - interval '1 hour'), true)
    into value, ok
    from (
        select m.not_before as since
        from private.media_deletions as m
        where m.state = 'queued' and m.not_before <= clock_timestamp()
        order by m.not_before
        limit 10000
    ) as due;
    detail := case
        when not ok then
            'Orders to delete files are due for more than an hour: ops.media_backlog.'
    end;
    return next;

    name := 'breaker';
    v_alarms := array(
        select distinct a.kind
        from private.alarms as a
        where
            a.settled_at is null
            and a.kind in ('media_stopped', 'deletions_stopped')
        order by a.kind
    );
    value := cardinality(v_alarms);
    ok := value = 0;
    detail := case
        when not ok then format(
            'Deletions wait for a person, ops.alarms: %s.',
            array_to_string(v_alarms, ', ')
        )
    end;
    return next;

    name := 'drift';
    value := (
        select coalesce(sum(c.drifted), 0)
        from (
            select distinct on (d.day) d.drifted
            from private.drift_checks as d
            where d.checked_at > now() - interval '2 days'
            order by d.day, d.checked_at desc
        ) as c
    );
    ok := value = 0;
    detail := case
        when not ok then format(
            '%s counters were found wrong: ops.counter_drift.', value
        )
    end;
    return next;
end
$$;

comment on function private.check_health(text) is
'Is all well that nobody sees when it is not? A row for each check, with a number to '
'watch: deploy (the migration named, the newest that the caller''s code came with, has '
'run, null asks for none; number of migrations), cron (jobs have run: folding within 5 '
'minutes, without pg_cron the check of counters within 3 hours; seconds since), '
'retention (no video is stored 26 hours after its end, but for held ones; seconds the '
'oldest is past it), deletions (no order is due for an hour; orders due, up to 10000), '
'breaker (no deletion waits for a person; alarms), drift (the last check of each day '
'found every counter right; wrong counters). detail says what is wrong, in words that '
'may be shown to anybody; null when ok. /api/health/ready and /metrics are made of it; '
'in psql, select * from ops.health.';

revoke all on function private.check_health(text)
from public, anon, authenticated, service_role;
grant execute on function private.check_health(text)
to media_worker;
