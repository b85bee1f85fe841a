create or replace procedure private.repeat_job(
    job regprocedure,
    inout done bigint default 0,
    seconds integer default 50
)
language plpgsql
-- It commits, so it may not pin a search path: every name in it is qualified.
as $$
declare
    v_until constant timestamptz := clock_timestamp()
    + make_interval(secs => repeat_job.seconds);
    v_rows bigint;
begin
    loop
        -- One run at a time, also when somebody calls it beside cron. The lock goes with
        -- each commit, so that a run that was killed leaves none behind.
        exit when not pg_catalog.pg_try_advisory_xact_lock(
            pg_catalog.hashtextextended('private.repeat_job', repeat_job.job::oid::bigint)
        );
        execute pg_catalog.format('select %s', repeat_job.job) into v_rows;
        commit;
        exit when v_rows > 0 is not true;
        repeat_job.done := repeat_job.done + v_rows;
        exit when clock_timestamp() >= v_until;
    end loop;
end
$$;

comment on procedure private.repeat_job(regprocedure, bigint, integer) is -- noqa: LT01
'Runs one job of ops.timetable, a function without arguments that gives a number, batch '
'after batch until it gives 0 or the seconds are over (50 by default: cron starts it '
'anew each minute), and commits after each batch. Gives what the batches add up to; '
'stops at once when another run is at the same job. Call it outside any transaction: '
'call private.repeat_job(''private.fold_pending()'').';

revoke all on procedure private.repeat_job(regprocedure, bigint, integer)
from public, anon, authenticated, service_role;
