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
    v_purge text;
begin
    -- Deleting leaves the copies of the CDN. Purges are few a month: one for a day that
    -- was retired, one for what moderation took away, and for what its owner deleted
    -- as long as some are left.
    if
        order_purge.deleted_kind = 'folder'
        or (
            order_purge.deleted_kind = 'file'
            and order_purge.deletion_reason = 'retired'
            and order_purge.deleted_target ~ '^/videos/\d{4}-\d{2}-\d{2}/'
        )
    then
        v_purge := substr(order_purge.deleted_target, 1, 18) || '/*';
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

    insert into private.media_deletions (kind, target, reason, not_before)
    values (
        'purge', v_purge, order_purge.deletion_reason,
        -- The folders of a day go one after the other, and the files of one that does not
        -- go whole; one purge serves them all.
        now() + case
            when v_purge like '%/*' then interval '1 hour' else interval '0'
        end
    )
    on conflict (kind, target) where state = 'queued' do nothing;
end
$$;

comment on function private.order_purge(text, text, text) is
'Orders the purge of the CDN''s copies of a file or folder that ImageKit has deleted, '
'when its reason calls for it and the month''s budget allows it.';

revoke all on function private.order_purge(text, text, text)
from public, anon, authenticated, service_role;
