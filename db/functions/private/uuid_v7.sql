create or replace function private.uuid_v7(at timestamptz default clock_timestamp())
returns uuid
language sql
volatile
parallel safe
return encode(
    overlay(
        -- 48 bits of milliseconds, the version 7, 12 bits of the millisecond's
        -- fraction (RFC 9562, method 3); variant and 62 random bits stay.
        uuid_send(gen_random_uuid()),
        int8send(
            ((extract(epoch from uuid_v7.at) * 1000000)::bigint / 1000 << 16)
            | 28672
            | ((extract(epoch from uuid_v7.at) * 1000000)::bigint % 1000 * 4096 / 1000)
        ),
        1,
        8
    ),
    'hex'
)::uuid;

comment on function private.uuid_v7(timestamptz) is
'A new UUIDv7 for a moment (default: this one); in the order of their microseconds.';

revoke all on function private.uuid_v7(timestamptz)
from public, anon, authenticated, service_role;
grant execute on function private.uuid_v7(timestamptz)
to anon, authenticated, service_role, media_worker;
