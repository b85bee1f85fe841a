-- Written by erase_me(), worked off by erase_people().

alter table private.erasures enable row level security;

revoke all on private.erasures from public, anon, authenticated, service_role;
