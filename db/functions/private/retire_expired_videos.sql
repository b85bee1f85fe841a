create or replace function private.retire_expired_videos()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_day date;
begin
    -- One at a time, also when somebody runs it by hand beside cron.
    if not pg_try_advisory_xact_lock(hashtextextended('private.retire', 0)) then
        return 0;
    end if;

    -- A day of unusual size waits for an administrator; the others do not wait for it.
    v_day := private.next_day_to_retire();
    while v_day is not null and not private.may_retire_day(v_day) loop
        v_day := private.next_day_to_retire(v_day);
    end loop;

    if v_day is null then
        return private.retire_aged_videos();
    end if;
    -- A day without videos still had leaves to drop: that is progress too.
    return greatest(private.retire_day(v_day), 1);
end
$$;

comment on function private.retire_expired_videos() is
'Job: one batch of the oldest day that has outlived the retention, or, when there is '
'none, of rows aged by hand. Gives the number of videos, at least 1 while a day is '
'left, 0 when all is done or another run is at it.';

revoke all on function private.retire_expired_videos()
from public, anon, authenticated, service_role;
