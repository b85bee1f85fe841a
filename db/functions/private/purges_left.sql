create or replace function private.purges_left()
returns integer
language plpgsql
stable
set search_path = ''
as $$
begin
    return (
        select
            -- A tenth is kept for moderation and retired days, which always purge.
            s.purges_per_month - s.purges_per_month / 10
            - case
                when w.purge_month = date_trunc('month', now() at time zone 'utc')::date
                    then w.purges_used
                else 0
            end
            - (
                select count(*)
                from private.media_deletions as m
                where m.kind = 'purge' and m.state = 'queued'
            )
        from private.settings as s
        cross join private.media_worker_state as w
        where s.singleton and w.singleton
    );
end
$$;

comment on function private.purges_left() is
'How many purges of what owners deleted this month''s budget still allows; not above 0 '
'when none.';

revoke all on function private.purges_left()
from public, anon, authenticated, service_role;
