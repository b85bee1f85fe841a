-- Read through functions that tell what each caller may know.

alter table private.settings enable row level security;

revoke all on private.settings from public, anon, authenticated, service_role;
