-- Names that a script can compute, so that it need not ask which rows there are.

create schema bench;
grant usage on schema bench to public;

-- Ids and people by number are reckoned on each call of a script, so they are inlined:
-- neither pins search_path.
create function bench.timed_id(at timestamptz, number bigint)
returns uuid
language sql
immutable
parallel safe
return (
    lpad(to_hex((extract(epoch from timed_id.at) * 1000)::bigint), 12, '0')
    || '7' || lpad(to_hex(timed_id.number & 4095), 3, '0')
    || '8' || lpad(to_hex(timed_id.number), 15, '0')
)::uuid;

comment on function bench.timed_id(timestamptz, bigint) is
'A UUIDv7 that is known beforehand: of this moment, and the so-many-eth.';

create function bench.person(number bigint)
returns text
language sql
immutable
parallel safe
return md5(person.number::text)::uuid::text;

comment on function bench.person(bigint) is
'The user id of a person by number, in the shape that Supabase''s have.';

create function bench.claims(number bigint)
returns text
language sql
immutable
parallel safe
return '{"sub":"' || bench.person(claims.number) || '","role":"authenticated"}';

comment on function bench.claims(bigint) is
'What a verified token says of a person by number.';
