-- The roles of a Supabase database, with the rights they have there.
--
-- Run by the bootstrap superuser `supabase_admin`. Passwords are the caller's
-- business. Like every file here it may run again, and it leaves a database
-- alone whose `auth` schema is not ours: that one is a real project.

do $surface$
declare
    v_role text;
    v_pg16 constant boolean
    := current_setting('server_version_num')::integer >= 160000;
begin
    set local client_min_messages = warning;
    if to_regnamespace('auth') is not null
        and obj_description(to_regnamespace('auth'), 'pg_namespace')
            is distinct from 'Supabase surface for plain Postgres.' then
        return;
    end if;

    foreach v_role in array array[
        'anon', 'authenticated', 'service_role', 'authenticator', 'postgres',
        'supabase_auth_admin', 'supabase_realtime_admin'
    ] loop
        if to_regrole(v_role) is null then
            execute format('create role %I nologin', v_role);
        end if;
    end loop;

    -- Whom the API's callers become. service_role passes every policy.
    alter role service_role bypassrls;
    alter role anon set statement_timeout = '3s';
    alter role authenticated set statement_timeout = '8s';

    -- What PostgREST logs in as: it can do nothing but become one of the three.
    alter role authenticator login noinherit;
    alter role authenticator set statement_timeout = '8s';
    alter role authenticator set lock_timeout = '8s';
    grant anon, authenticated, service_role to authenticator;

    -- The project's owner: powerful, but no superuser. Code that needs more than
    -- this works nowhere but here.
    if 'postgres'::regrole::oid = 10 then
        raise warning 'role postgres, this cluster''s bootstrap superuser, stays so'
            using hint = 'initdb -U supabase_admin makes a cluster like a hosted one.';
    else
        alter role postgres
            nosuperuser login createdb createrole replication bypassrls;
    end if;
    alter role postgres set search_path = "$user", public, extensions;
    grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;

    -- From Postgres 16 on, passing a role on needs its admin option; before, createrole
    -- is enough. The last two are softer than hosted: there an extension lets postgres
    -- set the authenticator's parameters and write policies on realtime.messages.
    foreach v_role in array array[
        'anon', 'authenticated', 'service_role',
        'authenticator', 'supabase_realtime_admin'
    ] loop
        execute format(
            'grant %I to postgres %s',
            v_role,
            case when v_pg16 then 'with admin option' end
        );
    end loop;

    foreach v_role in array array[
        'pgrst.db_schemas', 'pgrst.db_extra_search_path', 'pgrst.db_max_rows',
        'pgrst.db_pre_request', 'pgrst.db_aggregates_enabled'
    ] loop
        execute format('grant set on parameter %I to postgres', v_role);
    end loop;
end
$surface$;
