create or replace procedure ops.retire_day(day date, inout done bigint default 0)
language plpgsql
-- It commits, so it may not pin a search path: every name in it is qualified.
as $$
declare
    v_rows bigint;
begin
    loop
        if not pg_catalog.pg_try_advisory_xact_lock(
            pg_catalog.hashtextextended('private.retire', 0)
        ) then
            raise exception 'another run is retiring videos'
                using
                    errcode = 'lock_not_available',
                    hint = 'It does what this one would; look at ops.retention.';
        end if;
        if not private.may_retire_day(retire_day.day) then
            raise exception '% has unusually many videos', retire_day.day
                using
                    errcode = 'object_not_in_prerequisite_state',
                    hint = pg_catalog.format(
                        'If that is right: select ops.approve_day(%L)', retire_day.day
                    );
        end if;

        v_rows := private.retire_day(retire_day.day);
        commit;
        exit when v_rows = 0;
        retire_day.done := retire_day.done + v_rows;
    end loop;
end
$$;

comment on procedure ops.retire_day(date, bigint) is -- noqa: LT01
'Retires a UTC day that has outlived the retention, as cron does by itself: drops its '
'leaves, orders its files deleted, removes its videos 1000 at a time, and commits after '
'each step. Interrupted, it goes on where it was. Gives the number of leaves and videos '
'that went. Call it outside any transaction: call ops.retire_day(''2026-11-01''). '
'Errors: a day too young, one too large that waits for ops.approve_day(day), or another '
'run at work. What it leaves behind, held or in use, is in ops.retention.';

revoke all on procedure ops.retire_day(date, bigint)
from public, anon, authenticated, service_role;
