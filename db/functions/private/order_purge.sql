create or replace function private.order_purge(
    deleted_kind text,
    deleted_target text,
    deletion_reason text
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    -- Null for a day's own folder, which is empty when it goes.
    v_day constant text := substring(
        order_purge.deleted_target from '^/(?:videos|avatars)/\d{4}-\d{2}-\d{2}(?=/)'
    );
    v_purge text;
begin
    -- Deleting leaves the copies of the CDN. Purges are few a month: one for a day that
    -- was retired, one for what moderation took away, and for what its owner deleted
    -- as long as some are left.
    if
        v_day is not null
        and (
            order_purge.deleted_kind = 'folder'
            or (
                order_purge.deleted_kind = 'file'
                and order_purge.deletion_reason = 'retired'
            )
        )
    then
        v_purge := v_day || '/*';
    elsif
        order_purge.deleted_kind = 'file'
        and order_purge.deletion_reason = 'erased'
        and (
            select count(*)
            from (
                select
                from private.media_deletions as m
                where
                    m.kind = 'file'
                    and m.reason = 'erased'
                    and m.target > v_day || '/'
                    and m.target < v_day || '0'
                limit 6
            ) as erased
        ) > 5
    then
        -- Of an erased account nothing may stay, whatever the budget; of thousands of
        -- files that is one purge a day they lie in, since no pattern names a person. A
        -- handful does not cost all others of the day their copies.
        v_purge := v_day || '/*';
    elsif
        order_purge.deleted_kind = 'file'
        and (
            order_purge.deletion_reason in ('moderated', 'erased')
            or (
                order_purge.deletion_reason in ('deleted', 'replaced')
                and private.purges_left() > 0
            )
        )
    then
        v_purge := order_purge.deleted_target || '*';
    else
        return;
    end if;

    insert into private.media_deletions as m (kind, target, reason, not_before)
    values (
        'purge', v_purge, order_purge.deletion_reason,
        -- The folders of a day go one after the other, and the files of one that does not
        -- go whole; one purge serves them all.
        now() + case
            when v_purge like '%/*' then interval '1 hour' else interval '0'
        end
    )
    -- One that a worker is carrying out may have come too early for this file.
    on conflict (kind, target) where state = 'queued' do update
    set
        not_before = excluded.not_before,
        leases = m.leases + 1,
        leased_until = null
    where m.leased_until is not null;
end
$$;

comment on function private.order_purge(text, text, text) is
'Orders the purge of the CDN''s copies of a file or folder that ImageKit has deleted, '
'when its reason calls for it: a retired day by one pattern, after an hour that serves '
'all of it; what was moderated singly; what its owner deleted or replaced while the '
'month''s budget lasts. Of erased accounts always, whatever the budget: up to five files '
'of a day singly, more by the day''s pattern, so that thousands of files cost no more '
'purges than they lie in days.';

revoke all on function private.order_purge(text, text, text)
from public, anon, authenticated, service_role;
