create or replace view ops.media_dead
with (security_invoker = true) as
select
    m.id,
    m.kind,
    m.target,
    m.file_id,
    m.reason,
    m.attempts,
    m.last_error,
    m.created_at
from private.media_deletions as m
where m.state = 'dead';

comment on view ops.media_dead is
'Deletion orders that were given up. ops.retry_media(id) tries again, '
'ops.cancel_media(id) forgets one.';

revoke all on ops.media_dead from public, anon, authenticated, service_role;
