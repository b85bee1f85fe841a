-- depends: jobs/timetable, private/cron_runs
create or replace view ops.cron_health
with (security_invoker = true) as
with expected as (
    select
        t.job,
        t.schedule,
        -- How often the schedules of our timetable go off: minutes and hours tell.
        case
            when t.schedule like '* *%' then interval '1 minute'
            when split_part(t.schedule, ' ', 2) = '*' then interval '1 hour'
            when split_part(t.schedule, ' ', 2) like '*/%'
                then make_interval(
                    hours => split_part(split_part(t.schedule, ' ', 2), '/', 2)::integer
                )
            else interval '1 day'
        end as every
    from ops.timetable as t
),

judged as (
    select
        t.job,
        t.schedule,
        case
            when count(r.job) = 0 then 'not scheduled'
            when not bool_and(r.is_active) then 'switched off'
            when bool_or(r.schedule <> t.schedule) then 'scheduled otherwise'
            when max(r.started_at) is null then 'never ran'
            when max(r.started_at) < now() - 3 * t.every then 'late'
            when (array_agg(r.status order by r.started_at desc))[1] = 'failed'
                then 'failing'
            else 'fine'
        end as state,
        max(r.started_at) as last_run,
        now() - max(r.started_at) as age,
        now()
        - max(r.started_at) filter (where r.status = 'succeeded') as last_success_age,
        max(r.ended_at - r.started_at) as longest,
        count(*) filter (
            where r.started_at > now() - interval '1 day'
        ) as runs_in_a_day,
        count(*) filter (
            where r.started_at > now() - interval '1 day' and r.status = 'failed'
        ) as failures_in_a_day,
        (
            array_agg(r.message order by r.started_at desc)
            filter (where r.status = 'failed')
        )[1] as last_failure
    from expected as t
    left join private.cron_runs() as r on t.job = r.job
    group by t.job, t.schedule, t.every
)

select j.*
from judged as j
order by (j.state = 'fine'), j.job;

comment on view ops.cron_health is
'How each job of ops.timetable is doing, the unwell first. state: fine; late (three of '
'its turns are missing); failing (its last run failed); never ran; switched off; '
'scheduled otherwise than the timetable says; not scheduled, as everywhere without '
'pg_cron. The log it reads goes back 7 days.';
comment on column ops.cron_health.job is 'Its name in cron.job.';
comment on column ops.cron_health.schedule is
'When it should run: minute, hour, day, month, weekday, in UTC.';
comment on column ops.cron_health.state is 'How it is; see the view.';
comment on column ops.cron_health.last_run is 'When its last run began.';
comment on column ops.cron_health.age is 'How long ago its last run began.';
comment on column ops.cron_health.last_success_age is
'How long ago the last run began that succeeded.';
comment on column ops.cron_health.longest is 'The longest run in the log.';
comment on column ops.cron_health.runs_in_a_day is 'Runs in the last 24 hours.';
comment on column ops.cron_health.failures_in_a_day is 'Those of them that failed.';
comment on column ops.cron_health.last_failure is
'What the last run that failed said, when one did.';

revoke all on ops.cron_health from public, anon, authenticated, service_role;
