create or replace function private.raise_alarm(kind text, subject text, detail text)
returns void
language plpgsql
set search_path = ''
as $$
begin
    insert into private.alarms as a (kind, subject, detail)
    values (raise_alarm.kind, raise_alarm.subject, raise_alarm.detail)
    on conflict (kind, subject) where settled_at is null do update
    set
        detail = excluded.detail,
        times = a.times + 1,
        last_raised_at = now();
end
$$;

comment on function private.raise_alarm(text, text, text) is
'Opens an alarm, or counts it once more while it is open.';

revoke all on function private.raise_alarm(text, text, text)
from public, anon, authenticated, service_role;
