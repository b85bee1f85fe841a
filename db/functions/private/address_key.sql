create or replace function private.address_key()
returns text
language plpgsql
stable
security definer -- clients may read neither the settings nor the salts
set search_path = ''
as $$
declare
    v_address text;
    v_salt bytea;
begin
    v_address := nullif(current_setting('request.headers', true), '')::json ->> (
        select s.address_header from private.settings as s where s.singleton
    );
    v_salt := (
        select d.salt
        from private.daily_salts as d
        where d.day = (now() at time zone 'utc')::date
    );
    -- Without an address or a salt all the anonymous are one: counted too little
    -- rather than without limit.
    return coalesce(
        'address:' || encode(
            extensions.hmac(convert_to(v_address, 'utf8'), v_salt, 'sha256'), 'hex'
        ),
        'anonymous'
    );
end
$$;

comment on function private.address_key() is
'Tells strangers apart: "address:<hash>", by the address in the header that '
'settings.address_header names, hashed with a salt that lives a day; "anonymous" for all '
'without an address. Callers ask private.viewer_key(), which knows the signed-in.';

revoke all on function private.address_key()
from public, anon, authenticated, service_role;
grant execute on function private.address_key()
to anon, authenticated, service_role;
