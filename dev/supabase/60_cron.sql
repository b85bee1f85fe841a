-- pg_cron for the project's owner, in the one database the server runs it for: jobs
-- are made and removed by functions, their list is read, their log may be pruned.

do $surface$
begin
    set local client_min_messages = warning;
    if obj_description(to_regnamespace('auth'), 'pg_namespace')
        is distinct from 'Supabase surface for plain Postgres.' then
        return;
    end if;

    if current_setting('cron.database_name', true) is distinct from current_database()
        or not exists (
            select from pg_catalog.pg_available_extensions as e where e.name = 'pg_cron'
        ) then
        return;
    end if;

    create extension if not exists pg_cron with schema pg_catalog;
    grant usage on schema cron to postgres;
    grant execute on all functions in schema cron to postgres;
    grant select on cron.job to postgres;
    grant select, delete on cron.job_run_details to postgres;

    -- As long as hosted keeps messages; there whole partitions go.
    perform cron.schedule(
        'surface-prune-realtime-messages',
        '27 * * * *',
        $job$
            delete from realtime.messages
            where inserted_at < (now() at time zone 'utc') - interval '3 days'
        $job$
    );
end
$surface$;
