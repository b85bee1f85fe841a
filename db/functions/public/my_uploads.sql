create or replace function public.my_uploads(
    before uuid default null,
    page_size integer default 10
)
returns table (
    ticket_id uuid,
    purpose text,
    state text,
    reason text,
    video_id uuid,
    issued_at timestamptz,
    expires_at timestamptz
)
language plpgsql
stable
set search_path = ''
as $$
begin
    return query
    select u.*
    from private.my_uploads(my_uploads.before, my_uploads.page_size) as u;
end
$$;

comment on function public.my_uploads(uuid, integer) is
'How far the caller''s uploads are, newest first: state is issued, uploaded (waits for '
'the media service), published (then with video_id), failed, expired or swept; reason '
'says why one failed. before: the ticket_id of the last one of the page before; '
'page_size: 1 to 50. Errors: sign_in_required, page_size_invalid.';

revoke all on function public.my_uploads(uuid, integer)
from public, anon, authenticated, service_role;
grant execute on function public.my_uploads(uuid, integer)
to authenticated, service_role;
