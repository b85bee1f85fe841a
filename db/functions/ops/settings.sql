create or replace view ops.settings
with (security_invoker = true) as
select
    s.retention,
    s.tombstone_life,
    s.deletion_grace,
    s.url_endpoint,
    s.address_header,
    s.max_video_bytes,
    s.max_video_seconds,
    s.max_image_bytes,
    s.ticket_life,
    s.ticket_grace,
    s.open_tickets_per_user,
    s.tickets_per_hour,
    s.blocks_per_user,
    s.bytes_per_day,
    s.upload_patience,
    s.finish_after,
    s.adaptive_streaming,
    s.breaker_share,
    s.breaker_floor,
    s.largest_day_factor,
    s.largest_day_floor,
    s.purges_per_month
from private.settings as s;

comment on view ops.settings is
'The settings in force. Change one with ops.set_setting(name, value); \d+ '
'private.settings explains each.';

revoke all on ops.settings from public, anon, authenticated, service_role;
