create or replace function public.my_profile()
returns public.user_profiles
language plpgsql
stable
set search_path = ''
as $$
declare
    v_viewer_id text := private.require_viewer();
    v_profile public.user_profiles;
begin
    select * into v_profile
    from public.user_profiles as p
    where p.user_id = v_viewer_id;

    -- A read makes no row; who has none looks like an empty profile.
    if not found then
        v_profile.user_id := v_viewer_id;
        v_profile.verified := false;
    end if;
    return v_profile;
end
$$;

comment on function public.my_profile() is
'The caller''s profile; with null name, avatar and dates while there is none. '
'Errors: sign_in_required.';

revoke all on function public.my_profile()
from public, anon, authenticated, service_role;
grant execute on function public.my_profile()
to authenticated, service_role;
