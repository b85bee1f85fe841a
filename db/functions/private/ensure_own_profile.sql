create or replace function private.ensure_own_profile()
returns text
language plpgsql
security definer -- clients may not insert profiles
set search_path = ''
as $$
declare
    v_viewer_id text := private.require_viewer();
begin
    insert into public.user_profiles (user_id)
    values (v_viewer_id)
    on conflict do nothing;
    if found then
        perform private.admit_viewer('update_profile');
    end if;
    return v_viewer_id;
end
$$;

comment on function private.ensure_own_profile() is
'Makes an empty profile for the caller when he has none; gives his user id. '
'Errors: sign_in_required; suspended and rate_limited when it makes one.';

revoke all on function private.ensure_own_profile()
from public, anon, authenticated, service_role;
grant execute on function private.ensure_own_profile()
to authenticated, service_role;
