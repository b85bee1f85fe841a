-- Who owns the database and who may enter which schema.
--
-- New objects in public get no grants for the API's roles (the rule for projects
-- since 30 October 2026); PUBLIC may still execute every new function, as everywhere.

do $surface$
begin
    set local client_min_messages = warning;
    if to_regnamespace('auth') is not null
        and obj_description(to_regnamespace('auth'), 'pg_namespace')
            is distinct from 'Supabase surface for plain Postgres.' then
        return;
    end if;

    -- Schema public belongs to the database's owner, so this makes it postgres's own.
    execute format('alter database %I owner to postgres', current_database());
    execute format(
        'alter database %I set statement_timeout = ''2min''', current_database()
    );
    alter schema public owner to pg_database_owner;
    revoke all on schema public from public;
    grant usage on schema public to anon, authenticated, service_role;

    create schema if not exists extensions authorization postgres;
    grant usage on schema extensions to anon, authenticated, service_role;
    comment on schema extensions is
    'Extensions that clients'' code may call by qualified name.';

    if to_regnamespace('auth') is null then
        create schema auth authorization supabase_auth_admin;
        comment on schema auth is 'Supabase surface for plain Postgres.';
    end if;
    grant usage on schema auth to postgres, anon, authenticated, service_role;

    if to_regnamespace('realtime') is null then
        create schema realtime;
        comment on schema realtime is
        'Messages to clients that listen. Sending is an insert into realtime.messages.';
    end if;
    grant usage on schema realtime
    to postgres, anon, authenticated, service_role, supabase_realtime_admin;
end
$surface$;
