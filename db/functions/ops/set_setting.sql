create or replace function ops.set_setting(name text, value text)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_type text := (
        select pg_catalog.format_type(a.atttypid, a.atttypmod)
        from pg_catalog.pg_attribute as a
        where
            a.attrelid = 'private.settings'::regclass
            and a.attname = set_setting.name
            and a.attnum > 0
            and not a.attisdropped
            and a.attname <> 'singleton'
    );
begin
    if v_type is null then
        raise exception 'there is no setting %', set_setting.name
            using hint = 'select * from ops.settings shows them all.';
    end if;

    execute format(
        'update private.settings set %I = $1::%s where singleton',
        set_setting.name, v_type
    )
    using set_setting.value;
end
$$;

comment on function ops.set_setting(text, text) is
'Sets one setting of ops.settings, at once for everybody. The value is written as in '
'SQL: ''21 days'', ''104857600''. Errors: an unknown name, a value that is no such type, '
'or one out of range (a check of private.settings).';

revoke all on function ops.set_setting(text, text)
from public, anon, authenticated, service_role;
