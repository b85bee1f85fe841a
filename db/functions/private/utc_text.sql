create or replace function private.utc_text(at timestamptz)
returns text
language sql
stable
parallel safe
return to_char(utc_text.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

comment on function private.utc_text(timestamptz) is
'A moment in ISO 8601, in UTC, to the millisecond, with a Z.';

revoke all on function private.utc_text(timestamptz)
from public, anon, authenticated, service_role;
grant execute on function private.utc_text(timestamptz)
to anon, authenticated, service_role, media_worker;
