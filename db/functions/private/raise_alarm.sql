create or replace function private.raise_alarm(alarm text, about text, message text)
returns void
language plpgsql
set search_path = ''
as $$
begin
    insert into private.alarms as a (kind, subject, detail)
    values (raise_alarm.alarm, raise_alarm.about, raise_alarm.message)
    on conflict (kind, subject) where settled_at is null do update
    set
        detail = excluded.detail,
        times = a.times + 1,
        last_raised_at = now();
end
$$;

comment on function private.raise_alarm(text, text, text) is
'Opens an alarm of a kind that alarms.kind knows about a path, day or order, or counts '
'it once more while it is open. message: a sentence and what to type.';

revoke all on function private.raise_alarm(text, text, text)
from public, anon, authenticated, service_role;
