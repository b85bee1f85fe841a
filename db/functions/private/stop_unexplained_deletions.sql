create or replace function private.stop_unexplained_deletions()
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_settings private.settings;
    v_recent bigint;
    v_files bigint;
begin
    select * into v_settings
    from private.settings as s
    where s.singleton;

    -- A video counts once, whatever it had for a thumbnail and however often it vanished;
    -- not at all when it came back.
    v_recent := (
        select count(distinct coalesce(m.vanished_video_id::text, m.target))
        from private.media_deletions as m
        where
            m.reason = 'unexplained'
            and m.created_at > now() - interval '1 hour'
            and m.state <> 'cancelled'
    );
    if v_recent <= v_settings.breaker_floor then
        return;
    end if;

    -- Counting millions of files for each delete would be dear: beyond 10 000 the
    -- planner's estimate is near enough.
    v_files := greatest(
        (
            select count(*)
            from (select from private.video_files as f limit 10000) as some_files
        ),
        (
            select c.reltuples::bigint
            from pg_catalog.pg_class as c
            where c.oid = 'private.video_files'::regclass
        )
    ) + v_recent;
    if v_recent <= v_settings.breaker_share * v_files then
        return;
    end if;

    update private.media_deletions as m
    set state = 'stopped'
    where
        m.reason = 'unexplained'
        and m.state = 'queued'
        and m.created_at > now() - interval '1 hour';

    perform private.raise_alarm(
        'deletions_stopped',
        to_char(now() at time zone 'utc', 'YYYY-MM-DD HH24":00"'),
        format(
            'The rows of %s of about %s videos vanished within an hour for no known '
            'reason. Restore them, or let the deletions go on with '
            'select ops.retry_media(id).',
            v_recent, v_files
        )
    );
end
$$;

comment on function private.stop_unexplained_deletions() is
'The breaker: stops the unexplained orders of the last hour when they are for more than '
'settings.breaker_share of all videos, the vanished included (and more than '
'settings.breaker_floor), and raises an alarm.';

revoke all on function private.stop_unexplained_deletions()
from public, anon, authenticated, service_role;
