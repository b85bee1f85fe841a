-- depends: viewer_id, address_key
create or replace function private.viewer_key()
returns text
language sql
stable
return coalesce('user:' || private.viewer_id(), private.address_key());

comment on function private.viewer_key() is
'Tells callers apart: "user:<id>" for the signed-in, private.address_key() for others.';

revoke all on function private.viewer_key()
from public, anon, authenticated, service_role;
grant execute on function private.viewer_key()
to anon, authenticated, service_role;
