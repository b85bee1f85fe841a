create or replace function public.unblock_user(user_id text)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_viewer_id text := private.require_viewer();
begin
    delete from public.user_blocks as b
    where b.user_id = v_viewer_id and b.blocked_user_id = unblock_user.user_id;
end
$$;

comment on function public.unblock_user(text) is
'Takes a block of the caller back; fine when there is none. Errors: sign_in_required, '
'suspended, rate_limited.';

revoke all on function public.unblock_user(text)
from public, anon, authenticated, service_role;
grant execute on function public.unblock_user(text)
to authenticated, service_role;
