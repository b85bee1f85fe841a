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
        -- A path has one file at a time: the one named last is there. Whoever is deleting
        -- the one before may not call the order done.
        file_id = excluded.file_id,
        leases = m.leases + (m.file_id <> excluded.file_id)::integer,
        leased_until = case when m.file_id = excluded.file_id then m.leased_until end,
        reason = excluded.reason,
        not_before = least(m.not_before, excluded.not_before);
end
$$;

comment on function private.order_file(text, text, text, interval) is
'Orders the deletion of one file for a reason that media_deletions.reason knows, after a '
'grace; an order that waits is hastened, and means the file that was named last.';

revoke all on function private.order_file(text, text, text, interval)
from public, anon, authenticated, service_role;
