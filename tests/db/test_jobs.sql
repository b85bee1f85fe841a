-- The timetable: every job runs as the owner, is one bounded batch, and gives a number.

begin;
select plan(2 * count(*)::integer) from ops.timetable;

select tests.as_owner();
create function pg_temp.run(command text) returns integer language plpgsql as $$
declare
    v_rows integer;
begin
    execute run.command into v_rows;
    return v_rows;
end
$$;
select ok(
    pg_temp.run(t.command) >= 0, format('%s gives a number', t.job)
)
from ops.timetable as t;
select is(
    pg_temp.run(t.command), 0, format('%s comes to an end', t.job)
)
from ops.timetable as t;

select * from finish();
rollback;
