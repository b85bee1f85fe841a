create or replace function private.is_own_avatar(avatar text)
returns boolean
language plpgsql
stable
security definer -- clients may not read tickets
set search_path = ''
as $$
begin
    return exists (
        select
        from private.upload_tickets as t
        where
            t.user_id = private.viewer_id()
            and t.purpose = 'avatar'
            and t.state in ('issued', 'uploaded', 'published')
            and private.media_url(t.file_path) = is_own_avatar.avatar
    );
end
$$;

comment on function private.is_own_avatar(text) is
'Is this the URL of a file that the caller got an avatar ticket for?';

revoke all on function private.is_own_avatar(text)
from public, anon, authenticated, service_role;
grant execute on function private.is_own_avatar(text)
to authenticated, service_role;
