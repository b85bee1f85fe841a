create or replace function public.erase_me()
returns boolean
language plpgsql
set search_path = ''
as $$
begin
    return private.erase_me();
end
$$;

comment on function public.erase_me() is
'Erases the caller: profile, videos with their files, comments, likes, blocks, reports, '
'uploads; views lose their viewer. Everybody loses sight of all of it at once. True when '
'all is done; false when there is so much that the rest follows within minutes, and what '
'is written until then goes with it. Again is fine. What others keep for their protection stays: their blocks of the caller, and what '
'administrators hold as evidence. It ends no login: a token that is still valid may begin '
'anew, with an empty profile. Errors: sign_in_required, '
'rate_limited.';

revoke all on function public.erase_me()
from public, anon, authenticated, service_role;
grant execute on function public.erase_me()
to authenticated, service_role;
