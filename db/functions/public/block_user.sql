create or replace function public.block_user(user_id text)
returns void
language plpgsql
set search_path = ''
as $$
begin
    insert into public.user_blocks (blocked_user_id)
    values (block_user.user_id)
    on conflict do nothing;
end
$$;

comment on function public.block_user(text) is
'From now on the caller and this person do not see each other''s videos and comments. '
'Again is fine. Errors: sign_in_required, suspended, rate_limited, '
'cannot_block_yourself, user_id_invalid, too_many_blocks.';

revoke all on function public.block_user(text)
from public, anon, authenticated, service_role;
grant execute on function public.block_user(text)
to authenticated, service_role;
