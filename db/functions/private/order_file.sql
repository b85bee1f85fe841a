create or replace function private.order_file(
    file_path text,
    file_id text,
    reason text,
    grace interval default '0'
)
returns void
language plpgsql
set search_path = ''
as $$
begin
    insert into private.media_deletions as m (kind, target, file_id, reason, not_before)
    values (
        'file', order_file.file_path, order_file.file_id, order_file.reason,
        now() + order_file.grace
    )
    on conflict (kind, target) where state = 'queued' do update
    set
        reason = excluded.reason,
        not_before = least(m.not_before, excluded.not_before);
end
$$;

comment on function private.order_file(text, text, text, interval) is
'Orders the deletion of one file for a reason that media_deletions.reason knows, after a '
'grace; an order that waits is hastened.';

revoke all on function private.order_file(text, text, text, interval)
from public, anon, authenticated, service_role;
