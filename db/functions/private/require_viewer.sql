create or replace function private.require_viewer()
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
    v_viewer_id text := private.viewer_id();
begin
    if v_viewer_id is null then
        raise exception using
            errcode = 'PT401',
            message = 'sign_in_required',
            detail = 'This needs a signed-in user.',
            hint = 'Send the access token of a user.';
    end if;
    return v_viewer_id;
end
$$;

comment on function private.require_viewer() is
'The signed-in caller''s user id. Errors: sign_in_required.';

revoke all on function private.require_viewer()
from public, anon, authenticated, service_role;
grant execute on function private.require_viewer()
to anon, authenticated, service_role;
