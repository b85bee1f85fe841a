-- Makes the surface of dev/supabase as strict as a hosted project, and puts in what a
-- hosted one has that could stand in a deploy's way. Run by the superuser.

-- The surface lets the owner act as these; on Supabase he is no member of them.
revoke supabase_realtime_admin from postgres;
revoke authenticator from postgres;

-- On Supabase an extension sets these for him.
do $$
declare
    v_name text;
begin
    for v_name in select p.parname from pg_parameter_acl as p loop
        execute format('revoke set on parameter %I from postgres', v_name);
    end loop;
end
$$;

create role supabase_storage_admin nologin;
create schema storage authorization supabase_storage_admin;
create table storage.objects (
    id uuid primary key default gen_random_uuid(),
    bucket_id text,
    name text,
    owner_id text
);
alter table storage.objects owner to supabase_storage_admin;
alter table storage.objects enable row level security;
grant usage on schema storage to postgres, anon, authenticated, service_role;
grant all on storage.objects to postgres, anon, authenticated, service_role;

-- Supabase's supautils runs a policy on realtime.messages as somebody who may. Two
-- event triggers do it here: the first lends the owner what the command asks for, the
-- second takes it back before anything else can be done with it.
create function extensions.lend_policies() returns event_trigger
language plpgsql
security definer
set search_path = ''
set client_min_messages = warning
as $$
begin
    grant supabase_realtime_admin to postgres;
end
$$;

create function extensions.take_policies_back() returns event_trigger
language plpgsql
security definer
set search_path = ''
set client_min_messages = warning
as $$
begin
    revoke supabase_realtime_admin from postgres;
    if exists (
        select
        from pg_catalog.pg_event_trigger_ddl_commands() as c
        where
            c.object_identity ~ ' on (auth|realtime|storage)\.'
            and c.object_identity not like '% on realtime.messages'
    ) then
        raise insufficient_privilege using message = 'no policies on this table';
    end if;
end
$$;

-- PostgREST hears of every change by itself.
create function extensions.pgrst_ddl_watch() returns event_trigger
language plpgsql
as $$
declare
    v_command record;
begin
    for v_command in select * from pg_event_trigger_ddl_commands() loop
        if v_command.schema_name is distinct from 'pg_temp' then
            notify pgrst, 'reload schema';
        end if;
    end loop;
end
$$;

create function extensions.pgrst_drop_watch() returns event_trigger
language plpgsql
as $$
declare
    v_dropped record;
begin
    for v_dropped in select * from pg_event_trigger_dropped_objects() loop
        if not v_dropped.is_temporary then
            notify pgrst, 'reload schema';
        end if;
    end loop;
end
$$;

-- In a block, because the linter's grammar has no event triggers.
do $$
begin
    create event trigger lend_policies on ddl_command_start
    when tag in ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY')
    execute function extensions.lend_policies();

    create event trigger take_policies_back on ddl_command_end
    when tag in ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY')
    execute function extensions.take_policies_back();

    create event trigger pgrst_ddl_watch on ddl_command_end
    execute function extensions.pgrst_ddl_watch();

    create event trigger pgrst_drop_watch on sql_drop
    execute function extensions.pgrst_drop_watch();
end
$$;
