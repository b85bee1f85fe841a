-- depends: retention, uuid_v7_floor
create or replace function private.oldest_visible_id()
returns uuid
language sql
stable
parallel safe
return private.uuid_v7_floor(now() - private.retention());

comment on function private.oldest_visible_id() is
'Ids of videos below this one have outlived the retention.';

revoke all on function private.oldest_visible_id()
from public, anon, authenticated, service_role;
grant execute on function private.oldest_visible_id()
to anon, authenticated, service_role, media_worker;
