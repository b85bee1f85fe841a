create or replace function private.ensure_profile()
returns trigger
language plpgsql
security definer -- clients may not insert profiles
set search_path = ''
as $$
begin
    insert into public.user_profiles (user_id)
    values (new.user_id)
    on conflict do nothing;
    return new;
end
$$;

comment on function private.ensure_profile() is
'Trigger, before insert: makes an empty profile for a person who has none.';

revoke all on function private.ensure_profile()
from public, anon, authenticated, service_role;
