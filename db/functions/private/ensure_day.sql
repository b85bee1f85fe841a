create or replace function private.ensure_day(day date, attempts integer default 40)
returns boolean
language plpgsql
set search_path = ''
-- Attaching locks videos against writers. Rather than let them queue behind us while
-- we wait for one slow transaction, give way and try again.
set lock_timeout = '50ms'
as $$
declare
    v_suffix constant text := to_char(ensure_day.day, 'YYYYMMDD');
    v_likes constant text := 'video_likes_' || v_suffix;
    v_viewers constant text := 'video_viewers_' || v_suffix;
    v_from constant uuid := private.uuid_v7_floor(
        ensure_day.day::timestamp at time zone 'utc'
    );
    v_to constant uuid := private.uuid_v7_floor(
        (ensure_day.day + 1)::timestamp at time zone 'utc'
    );
    v_leaf record;
begin
    for v_attempt in 1..ensure_day.attempts loop
        if
            to_regclass('partitions.' || v_likes) is not null
            and to_regclass('partitions.' || v_viewers) is not null
        then
            return true;
        end if;

        begin
            -- One maker at a time; the other finds the day there, or tries again.
            if pg_try_advisory_xact_lock(hashtextextended('private.ensure_day', 0)) then
                for v_leaf in
                    select
                        l.leaf,
                        l.parent
                    from (
                        values
                        -- Likes last: attaching theirs locks videos until we commit.
                        (v_viewers, 'private.video_viewers'),
                        (v_likes, 'public.video_likes')
                    ) as l (leaf, parent)
                    where to_regclass('partitions.' || l.leaf) is null
                loop
                    -- Made apart and attached: "create table ... partition of" would
                    -- take the parent's strongest lock. The check spares the scan.
                    execute format(
                        'create table partitions.%I (like %s including all, '
                        'constraint bound check (video_id >= %L and video_id < %L))',
                        v_leaf.leaf, v_leaf.parent, v_from, v_to
                    );
                    execute format(
                        'alter table partitions.%I enable row level security',
                        v_leaf.leaf
                    );
                    execute format(
                        'revoke all on partitions.%I '
                        'from public, anon, authenticated, service_role',
                        v_leaf.leaf
                    );
                    execute format(
                        'comment on table partitions.%I is %L',
                        v_leaf.leaf,
                        format(
                            'The rows of %s for videos of %s (UTC).',
                            v_leaf.parent, ensure_day.day
                        )
                    );
                    execute format(
                        'alter table %s attach partition partitions.%I '
                        'for values from (%L) to (%L)',
                        v_leaf.parent, v_leaf.leaf, v_from, v_to
                    );
                    execute format(
                        'alter table partitions.%I drop constraint bound',
                        v_leaf.leaf
                    );
                end loop;
                return true;
            end if;
        exception
            when lock_not_available then
                null;
        end;

        exit when v_attempt = ensure_day.attempts;
        perform pg_sleep(0.05);
    end loop;
    return false;
end
$$;

comment on function private.ensure_day(date, integer) is
'Makes the leaves of a UTC day for likes and viewers, unless they are there, which costs '
'no lock. True when they are there now; false when tables stayed busy: each attempt '
'waits at most 50 ms for a lock, with 50 ms between. Never call it from a trigger.';

revoke all on function private.ensure_day(date, integer)
from public, anon, authenticated, service_role;
