-- What administrators look at with psql, and that it tells what is there.

begin;
select plan(28);

select tests.as_owner();

-- The list of what there is.
select set_eq(
    'select split_part(name, ''('', 1) from ops.help()',
    $$select format('ops.%s', p.proname)
      from pg_proc as p
      where p.pronamespace = 'ops'::regnamespace
      union
      select format('ops.%s', c.relname)
      from pg_class as c
      where c.relnamespace = 'ops'::regnamespace and c.relkind = 'v'$$,
    'ops.help() lists every view and function there is'
);
select is_empty(
    $$select from ops.help() where purpose is null or purpose !~ '^\S.{10,}[.:]$'$$,
    'each with a whole sentence'
);
select results_eq(
    $$select kind, name, purpose from ops.help('settle')
      where name like 'ops.settle%'$$,
    $$values (
        'function', 'ops.settle_alarm(id bigint)',
        'Closes an alarm; it opens again when its cause comes back.'
    )$$,
    'the first of its comment'
);
select is_empty(
    $$select from ops.help('HOLD') where name || purpose ~ 'rate_rule'$$,
    'a word chooses among them'
);
select ok(
    exists (select from ops.help('HOLD') where name like 'ops.hold_video(%'),
    'however it is written'
);
reset role;
create view ops.planted as select 1 as one;
comment on view ops.planted is 'Is new here. And more.';
select is(
    (select purpose from ops.help('planted')), 'Is new here.', 'also what came just now'
);
drop view ops.planted;

-- Who may look.
select is_empty(
    $$select r, c.relname
      from pg_class as c, unnest(array['anon', 'authenticated', 'service_role']) as r
      where c.relnamespace = 'ops'::regnamespace
          and has_table_privilege(r, c.oid, 'select')$$,
    'no client sees any of it'
);

-- Statements.
select ok(
    (select count(*) from ops.top_statements) between 1 and 50
    or not exists (select from pg_extension where extname = 'pg_stat_statements'),
    'the statements that take the most time are counted'
);
select is_empty(
    'select from ops.top_statements where calls < 1 or total_s < 0 or share > 100',
    'with figures that can be'
);
create function tests.not_loaded() returns boolean language plpgsql as $$
begin
    raise exception 'pg_stat_statements must be loaded via "shared_preload_libraries"'
        using errcode = 'object_not_in_prerequisite_state';
end
$$;
do $$
begin
    if to_regclass('extensions.pg_stat_statements') is not null then
        alter extension pg_stat_statements drop view extensions.pg_stat_statements;
        alter view extensions.pg_stat_statements rename to statements_counted;
        create view extensions.pg_stat_statements as
        select s.* from extensions.statements_counted as s where tests.not_loaded();
    end if;
end
$$;
select is_empty(
    'select from ops.top_statements', 'where the library is not loaded there are none'
);
drop view if exists extensions.pg_stat_statements;
drop view if exists extensions.statements_counted;
drop extension if exists pg_stat_statements;
select is_empty('select from ops.top_statements', 'nor without the extension');

-- Sizes and indexes.
select tests.as_owner();
select tests.note('video', tests.video('ada'));
select tests.note('held', tests.video('ada', interval '13 days 22 hours'));
select results_eq(
    $$select leaves > 1, total_bytes > 0 from ops.table_sizes
      where table_name = 'public.video_likes'$$,
    'values (true, true)', 'a table that is stored by the day has all its days'' sizes'
);
select results_eq(
    $$select
          leaves,
          total_bytes = pg_total_relation_size('public.videos'),
          total_bytes >= table_bytes + index_bytes
      from ops.table_sizes where table_name = 'public.videos'$$,
    'values (0::bigint, true, true)', 'any other its own'
);
select results_eq(
    $$select sum(total_bytes) from ops.table_sizes
      where table_name in ('public.video_likes', 'private.video_viewers')$$,
    $$select sum(pg_total_relation_size(c.oid)) from pg_class as c
      where c.relnamespace = 'partitions'::regnamespace and c.relkind = 'r'$$,
    'and no leaf is left out or counted twice'
);
create index planted_idx on private.alarms (times);
select ok(
    exists (select from ops.unused_indexes where index_name = 'private.planted_idx'),
    'an index that nobody has used is listed'
);
select is_empty(
    $$select from ops.unused_indexes where index_name ~ '_(pkey|key)$'$$,
    'but none that keeps a rule'
);

-- What is hot, and what goes.
insert into private.video_deltas (video_id, likes)
select tests.id('held'), 1 from generate_series(1, 3);
insert into private.video_deltas (video_id, views)
select tests.id('video'), 1 from generate_series(1, 5);
select results_eq(
    $$select id, owner_id, pending, pending_views, pending_likes, views_count
      from ops.hot_videos$$,
    $$values
      (tests.id('video'), 'ada'::text, 5::bigint, 5::bigint, 0::bigint, 5::bigint),
      (tests.id('held'), 'ada', 3, 0, 3, 0)$$,
    'the videos people react to, the hottest first'
);
select ops.hold_video(tests.id('held'), 'case 1');
select results_eq(
    'select hour, videos, held from ops.expiring_videos',
    $$values (date_trunc('hour', now() + interval '2 hours'), 1::bigint, 1::bigint)$$,
    'what expires within a day, by the hour, and not what stays'
);
update public.videos set deleted_at = now() where id = tests.id('held');
select is_empty(
    'select from ops.expiring_videos', 'what is deleted is not seen, so it does not expire'
);

-- The scheduler: where there is none, and what its log says where there is one.
reset role;
do $$
begin
    if to_regnamespace('cron') is null then
        create schema cron;
        create table cron.job (
            jobid bigint generated by default as identity,
            schedule text,
            command text,
            database text,
            username text,
            active boolean default true,
            jobname text
        );
        create table cron.job_run_details (
            jobid bigint,
            status text,
            return_message text,
            start_time timestamptz,
            end_time timestamptz
        );
        grant usage on schema cron to postgres;
        grant select on cron.job, cron.job_run_details to postgres;
    end if;
end
$$;
alter schema cron rename to away;
select results_eq(
    'select distinct state from ops.cron_health', $$values ('not scheduled')$$,
    'without pg_cron no job is scheduled'
);
select set_eq(
    'select job from ops.cron_health', 'select job from ops.timetable',
    'and each is listed'
);
alter schema away rename to cron;
delete from cron.job_run_details where true;
delete from cron.job where true;
insert into cron.job (jobname, schedule, command, database, username)
select job, schedule, command, current_database(), 'postgres' from ops.timetable;
insert into cron.job (jobname, schedule, command, database, username)
values ('ig-live: fold counters', '0 0 * * *', 'select 1', 'another', 'another');
insert into cron.job_run_details (jobid, start_time, end_time, status, return_message)
select
    j.jobid,
    now() - interval '30 seconds',
    now() - interval '29 seconds',
    'succeeded',
    '1 row'
from cron.job as j
where j.database = current_database();
select tests.as_owner();
select results_eq(
    'select distinct state from ops.cron_health', $$values ('fine')$$,
    'jobs that ran just now are fine, whatever those of other databases do'
);
reset role;
update cron.job_run_details
set start_time = now() - case j.jobname
    when 'ig-live: make days' then interval '17 hours'
    when 'ig-live: count days' then interval '71 hours'
    else interval '4 minutes'
end
from cron.job as j
where j.jobid = job_run_details.jobid;
select set_eq(
    $$select job from ops.cron_health where state = 'late'$$,
    $$select job from ops.timetable where schedule = '* * * * *'$$,
    'late is who missed three turns: a minute''s after four minutes'
);
update cron.job_run_details set start_time = start_time - interval '69 hours' where true;
select is_empty(
    $$select from ops.cron_health where state <> 'late' and schedule !~ '^\d+ \d+ \*'$$,
    'an hour''s and every six hours'' after three days'
);
update cron.job_run_details
set start_time = now(), end_time = now() + interval '2 seconds', status = 'failed',
    return_message = 'it broke'
from cron.job as j
where j.jobid = job_run_details.jobid and j.jobname = 'ig-live: check counters';
insert into cron.job_run_details (jobid, start_time, end_time, status, return_message)
select jobid, now() - interval '1 hour', now() - interval '1 hour', 'succeeded', '1 row'
from cron.job where jobname = 'ig-live: check counters';
select results_eq(
    $$select state, last_success_age, runs_in_a_day, failures_in_a_day, last_failure, longest
      from ops.cron_health where job = 'ig-live: check counters'$$,
    $$values ('failing', interval '1 hour', 2::bigint, 1::bigint, 'it broke',
        interval '2 seconds')$$,
    'failing is whose last run failed, with what it said'
);
update cron.job set active = false
where jobname = 'ig-live: fold counters' and database = current_database();
update cron.job set schedule = '9 9 9 9 9' where jobname = 'ig-live: count days';
delete from cron.job where jobname = 'ig-live: prune cron log';
delete from cron.job_run_details where true;
select results_eq(
    $$select job, state from ops.cron_health where state <> 'never ran' order by job$$,
    $$values
      ('ig-live: count days', 'scheduled otherwise'),
      ('ig-live: fold counters', 'switched off'),
      ('ig-live: prune cron log', 'not scheduled')$$,
    'and what does not run as it should is told'
);
select is(
    (select count(*) from ops.cron_health), (select count(*) from ops.timetable),
    'one line a job'
);

-- Locks.
select is_empty('select from ops.locks', 'nobody waits for anybody here');

select * from finish();
rollback;
