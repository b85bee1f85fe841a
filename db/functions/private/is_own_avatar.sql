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
            and t.state = 'published'
            and private.media_url(t.file_path) = is_own_avatar.avatar
            and not exists (
                select
                from private.media_deletions as m
                where m.target = t.file_path and m.state <> 'cancelled'
            )
    );
end
$$;

comment on function private.is_own_avatar(text) is
'Is this the URL of a picture that the caller has published as an avatar and that is '
'not on its way out?';

revoke all on function private.is_own_avatar(text)
from public, anon, authenticated, service_role;
grant execute on function private.is_own_avatar(text)
to authenticated, service_role;
