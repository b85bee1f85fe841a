create or replace function public.export_my_data(after jsonb default null)
returns json
language plpgsql
stable
set search_path = ''
as $$
begin
    return private.export_my_data(export_my_data.after);
end
$$;

comment on function public.export_my_data(jsonb) is
'All there is about the caller, as one document: {user_id, exported_at, profile, lists, '
'next}. lists holds up to 1000 entries each of videos (with URLs and exact counts), '
'comments, likes, views, uploads, reports, ended_videos and suspensions, all newest '
'first, and blocks. Where there are more, next names the lists that go on: pass it as '
'after until it is null. Errors: sign_in_required, after_invalid.';

revoke all on function public.export_my_data(jsonb)
from public, anon, authenticated, service_role;
grant execute on function public.export_my_data(jsonb)
to authenticated, service_role;
