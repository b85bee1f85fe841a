create or replace function private.retire_expired_videos()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_day date;
    v_done integer := 0;
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

    if v_day is not null then
        v_done := private.retire_day(v_day);
    end if;
    -- When the day's tables are busy, there is something else to do meanwhile.
    if v_done = 0 then
        v_done := private.retire_aged_videos();
    end if;
    return v_done;
end
$$;

comment on function private.retire_expired_videos() is
'Job: one step of the oldest day that has outlived the retention, or, when there is '
'none, one batch of rows aged by hand. Gives the number of leaves or videos that went, 0 '
'when all is done, tables stayed busy or another run is at it.';

revoke all on function private.retire_expired_videos()
from public, anon, authenticated, service_role;
