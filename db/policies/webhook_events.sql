-- Written by take_webhook() alone.

alter table private.webhook_events enable row level security;

revoke all on private.webhook_events from public, anon, authenticated, service_role;
