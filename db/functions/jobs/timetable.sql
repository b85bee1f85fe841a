create or replace view ops.timetable
with (security_invoker = true) as
with live as (
    -- What people wait for who watch. A minute where pg_cron cannot do better.
    select
        case
            when
                private.cron_takes_seconds(
                    (
                        select e.extversion
                        from pg_extension as e
                        where e.extname = 'pg_cron'
                    )
                )
                then '10 seconds'
            else '* * * * *'
        end as schedule
)

select
    t.job,
    t.schedule,
    t.command,
    t.purpose
from (
    values
    (
        'ig-live: fold counters',
        (select l.schedule from live as l),
        'call private.repeat_job(''private.fold_pending()'')',
        'adds pending counts to the videos and tells those who watch'
    ),
    (
        'ig-live: announce removals',
        (select l.schedule from live as l),
        'call private.repeat_job(''private.announce_removals()'')',
        'tells those who watch what has expired or went with many others'
    ),
    (
        'ig-live: prune announcements',
        '*/10 * * * *',
        'call private.repeat_job(''private.prune_announcements()'')',
        'forgets when counts were sent that nobody changes any more'
    ),
    (
        'ig-live: refresh trending',
        '* * * * *',
        'select private.refresh_trending()',
        'ranks the videos that trend most'
    ),
    (
        'ig-live: check counters',
        '43 * * * *',
        'select private.check_drift()',
        'counts one day anew and raises an alarm when a counter is wrong'
    ),
    (
        'ig-live: make days',
        '5 */6 * * *',
        'call private.repeat_job(''private.ensure_next_day()'')',
        'makes the leaves of the days to come, seven ahead'
    ),
    (
        'ig-live: retire expired videos',
        '* * * * *',
        'call private.repeat_job(''private.retire_expired_videos()'')',
        'takes the space of videos back that have outlived the retention'
    ),
    (
        'ig-live: purge deleted videos',
        '* * * * *',
        'call private.repeat_job(''private.purge_deleted_videos()'')',
        'removes the rows of deleted videos'
    ),
    (
        'ig-live: erase people',
        '* * * * *',
        'select private.erase_people()',
        'goes on erasing people who had too much for one statement'
    ),
    (
        'ig-live: expire uploads',
        '* * * * *',
        'call private.repeat_job(''private.expire_uploads()'')',
        'ends upload tickets that were not published in time'
    ),
    (
        'ig-live: prune rate states',
        '* * * * *',
        'select private.prune_rate_states()',
        'forgets callers who have all their goes back'
    ),
    (
        'ig-live: count days',
        '11 0 * * *',
        'select private.count_days()',
        'notes how many videos each day brought'
    ),
    (
        'ig-live: order day folders',
        '23 * * * *',
        'call private.repeat_job(''private.order_day_folders()'')',
        'has the empty folders of retired days deleted'
    ),
    (
        'ig-live: prune media deletions',
        '47 3 * * *',
        'call private.repeat_job(''private.prune_media_deletions()'')',
        'forgets deletion orders that were carried out long ago'
    ),
    (
        'ig-live: prune upload tickets',
        '57 3 * * *',
        'call private.repeat_job(''private.prune_upload_tickets()'')',
        'forgets upload tickets whose videos ended long ago'
    ),
    (
        'ig-live: prune webhook events',
        '37 3 * * *',
        'call private.repeat_job(''private.prune_webhook_events()'')',
        'forgets webhooks that cannot come again'
    ),
    (
        'ig-live: prune tombstones',
        '17 3 * * *',
        'call private.repeat_job(''private.prune_tombstones()'')',
        'forgets videos that ended long ago'
    ),
    (
        'ig-live: prune cron log',
        '27 3 * * *',
        'call private.repeat_job(''private.prune_cron_log()'')',
        'empties the scheduler''s own log'
    )
) as t (job, schedule, command, purpose);

comment on view ops.timetable is
'What runs when: cron schedules in UTC. Each command gives a number; as long as that is '
'not 0, there may be more to do. Those that call private.repeat_job() do so themselves '
'for most of a minute, one bounded batch and commit after the other. Without pg_cron, '
'"make maintenance" runs them all.';
comment on column ops.timetable.job is 'Its name in cron.job.';
comment on column ops.timetable.schedule is 'Minute, hour, day, month, weekday, in UTC; or every so many seconds.';
comment on column ops.timetable.command is 'What the scheduler runs, as the owner.';

revoke all on ops.timetable from public, anon, authenticated, service_role;

-- Schedules exactly these; a job that left the table is unscheduled.
do $$
declare
    v_job record;
begin
    if to_regnamespace('cron') is null then
        raise notice 'pg_cron is not installed: no job is scheduled; '
            'run "make maintenance" from another scheduler, every minute';
    else
        for v_job in
            select j.jobname
            from cron.job as j
            where
                j.jobname like 'ig-live: %'
                and j.database = current_database()
                and j.jobname not in (select t.job from ops.timetable as t)
        loop
            perform cron.unschedule(v_job.jobname);
        end loop;

        for v_job in
            select
                t.job,
                t.schedule,
                t.command
            from ops.timetable as t
            left join cron.job as j
                on t.job = j.jobname and j.database = current_database()
            where
                (t.schedule, t.command, true)
                is distinct from (j.schedule, j.command, j.active)
        loop
            perform cron.schedule(v_job.job, v_job.schedule, v_job.command);
        end loop;
    end if;

    -- The first day must be there before the first video.
    perform private.ensure_days();
end
$$;
