create or replace function private.cron_takes_seconds(version text)
returns boolean
language sql
immutable
parallel safe
set search_path = ''
return string_to_array(
    substring(cron_takes_seconds.version from '^\d+\.\d+'), '.'
)::integer[] >= '{1,5}';

comment on function private.cron_takes_seconds(text) is
'Does this version of pg_cron take schedules such as "10 seconds"? From 1.5 on; null when '
'there is none.';

revoke all on function private.cron_takes_seconds(text)
from public, anon, authenticated, service_role;
