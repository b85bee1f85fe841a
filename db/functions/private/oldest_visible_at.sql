-- depends: retention
create or replace function private.oldest_visible_at()
returns timestamptz
language sql
stable
parallel safe
return now() - private.retention();

comment on function private.oldest_visible_at() is
'Videos published at or before this moment have outlived the retention.';

revoke all on function private.oldest_visible_at()
from public, anon, authenticated, service_role;
grant execute on function private.oldest_visible_at()
to anon, authenticated, service_role, media_worker;
