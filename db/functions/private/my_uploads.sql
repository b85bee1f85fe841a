create or replace function private.my_uploads(
    before uuid,
    page_size integer
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
security definer -- clients may not read tickets; gives the caller's own alone
set search_path = ''
as $$
declare
    v_viewer_id constant text := private.require_viewer();
begin
    return query
    select
        t.id,
        t.purpose,
        t.state,
        t.reason,
        t.video_id,
        t.issued_at,
        t.expires_at
    from private.upload_tickets as t
    where
        t.user_id = v_viewer_id
        and t.id < coalesce(my_uploads.before, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by t.id desc
    limit private.page_limit(my_uploads.page_size);
end
$$;

comment on function private.my_uploads(uuid, integer) is
'The caller''s upload tickets, newest first. Errors: sign_in_required, '
'page_size_invalid.';

revoke all on function private.my_uploads(uuid, integer)
from public, anon, authenticated, service_role;
grant execute on function private.my_uploads(uuid, integer)
to authenticated, service_role;
