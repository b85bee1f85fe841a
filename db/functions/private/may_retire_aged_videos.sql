create or replace function private.may_retire_aged_videos()
returns boolean
language plpgsql
set search_path = ''
as $$
declare
    v_aged constant bigint := (select count(*) from private.aged_videos);
    v_settings private.settings;
    v_approved bigint;
    v_videos bigint;
begin
    select * into v_settings
    from private.settings as s
    where s.singleton;

    select s.aged_approved into v_approved
    from private.retirement_state as s
    where s.singleton;

    if v_aged <= v_settings.breaker_floor or v_aged <= v_approved then
        return true;
    end if;

    -- Beyond 10 000 the planner's estimate is near enough.
    v_videos := greatest(
        (
            select count(*)
            from (select from public.videos as v limit 10000) as some_videos
        ),
        (
            select c.reltuples::bigint
            from pg_catalog.pg_class as c
            where c.oid = 'public.videos'::regclass
        )
    );
    if v_aged <= v_settings.breaker_share * v_videos then
        return true;
    end if;

    perform private.raise_alarm(
        'too_many_aged',
        'videos',
        format(
            '%s of about %s videos have a date that was set before the retention: not '
            'retired by themselves. Give them their dates back, or, if it is right: '
            'select ops.approve_aged_videos(%s).',
            v_aged, v_videos, v_aged
        )
    );
    return false;
end
$$;

comment on function private.may_retire_aged_videos() is
'Are the rows aged by hand few, at most settings.breaker_floor or '
'settings.breaker_share of all videos, or approved by an administrator? Raises an alarm '
'when not.';

revoke all on function private.may_retire_aged_videos()
from public, anon, authenticated, service_role;
