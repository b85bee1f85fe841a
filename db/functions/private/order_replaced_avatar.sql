create or replace function private.order_replaced_avatar()
returns trigger
language plpgsql
security definer -- nobody but this project's functions writes deletion orders
set search_path = ''
as $$
begin
    -- By its path: the URL endpoint may have changed since it was published.
    perform private.order_file(t.file_path, t.file_id, 'replaced')
    from private.upload_tickets as t
    where
        t.user_id = old.user_id
        and t.purpose = 'avatar'
        and t.state = 'published'
        and right(old.avatar, char_length(t.file_path)) = t.file_path;
    return null;
end
$$;

comment on function private.order_replaced_avatar() is
'Trigger, when a profile''s avatar changes: orders the deletion of the picture before.';

revoke all on function private.order_replaced_avatar()
from public, anon, authenticated, service_role;
