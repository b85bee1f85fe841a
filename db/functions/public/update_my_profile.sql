create or replace function public.update_my_profile(
    username text default null,
    avatar text default null
)
returns public.user_profiles
language plpgsql
set search_path = ''
as $$
declare
    v_viewer_id text := private.ensure_own_profile();
    v_profile public.user_profiles;
begin
    update public.user_profiles as p
    set
        username = coalesce(update_my_profile.username, p.username),
        avatar = coalesce(update_my_profile.avatar, p.avatar)
    where p.user_id = v_viewer_id
    returning p.* into v_profile;
    return v_profile;
end
$$;

comment on function public.update_my_profile(text, text) is
'Changes the caller''s profile and gives it. Null keeps a value, "" takes it away. '
'username: 3 to 30 of a-z, 0-9, _ and dot, stored in lower case; avatar: the URL of a '
'file uploaded with an avatar ticket. '
'Errors: sign_in_required, suspended, rate_limited, username_invalid, username_taken, '
'avatar_invalid.';

revoke all on function public.update_my_profile(text, text)
from public, anon, authenticated, service_role;
grant execute on function public.update_my_profile(text, text)
to authenticated, service_role;
