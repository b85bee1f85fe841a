create or replace view ops.media_stopped
with (security_invoker = true) as
select
    m.id,
    m.target,
    m.file_id,
    m.reason,
    m.created_at
from private.media_deletions as m
where m.state = 'stopped';

comment on view ops.media_stopped is
'Deletion orders the breaker has stopped: too many rows vanished for no known reason. '
'Restoring a row cancels its order; ops.retry_media(id) lets one go on.';

revoke all on ops.media_stopped from public, anon, authenticated, service_role;
