create or replace function private.uuid_v7_time(id uuid)
returns timestamptz
language sql
immutable
parallel safe
return to_timestamp(
    ('x' || left(replace(uuid_v7_time.id::text, '-', ''), 12))::bit(48)::bigint
    / 1000.0
);

comment on function private.uuid_v7_time(uuid) is
'The moment in a UUIDv7, to the millisecond.';

revoke all on function private.uuid_v7_time(uuid)
from public, anon, authenticated, service_role;
grant execute on function private.uuid_v7_time(uuid)
to anon, authenticated, service_role, media_worker;
