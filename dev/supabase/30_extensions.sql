-- Extensions a hosted project has, or lets its owner install; here a superuser must
-- create them. What the server's packages do not bring is left out.

do $surface$
declare
    v_extension text;
begin
    set local client_min_messages = warning;
    if obj_description(to_regnamespace('auth'), 'pg_namespace')
        is distinct from 'Supabase surface for plain Postgres.' then
        return;
    end if;

    foreach v_extension in array array[
        'pgcrypto', 'uuid-ossp', 'pg_stat_statements', 'plpgsql_check'
    ] loop
        if exists (
            select from pg_catalog.pg_available_extensions as e
            where e.name = v_extension
        ) then
            execute format(
                'create extension if not exists %I with schema extensions', v_extension
            );
        end if;
    end loop;
end
$surface$;
