create or replace function private.uuid_v7_floor(at timestamptz)
returns uuid
language sql
immutable
parallel safe
return rpad(
    lpad(
        to_hex(
            floor(
                extract(epoch from uuid_v7_floor.at - timestamptz 'epoch') * 1000
            )::bigint
        ),
        12,
        '0'
    ),
    32,
    '0'
)::uuid;

comment on function private.uuid_v7_floor(timestamptz) is
'The smallest UUID of a moment''s millisecond: compare ids with it to compare ages.';

revoke all on function private.uuid_v7_floor(timestamptz)
from public, anon, authenticated, service_role;
grant execute on function private.uuid_v7_floor(timestamptz)
to anon, authenticated, service_role, media_worker;
