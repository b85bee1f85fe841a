create or replace function private.prepare_comment()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    -- Clients are those whom policies bind; owners, jobs and restores are not.
    if row_security_active('public.video_comments') then
        perform private.require_viewer();
        perform private.lock_visible_video(new.video_id);
    end if;

    new.text := private.clean_text(new.text);

    if new.text is null then
        raise exception using
            errcode = 'PT400',
            message = 'comment_empty',
            detail = 'A comment has at least one character.';
    end if;
    if char_length(new.text) > 1000 then
        raise exception using
            errcode = 'PT400',
            message = 'comment_too_long',
            detail = 'A comment has at most 1000 characters.';
    end if;
    if not private.is_visible_text(new.text) then
        raise exception using
            errcode = 'PT400',
            message = 'comment_invalid',
            detail = 'A comment has something visible in it, no control characters but '
                'line feeds, and no piles of marks.';
    end if;
    return new;
end
$$;

comment on function private.prepare_comment() is
'Trigger: refuses comments on videos the caller cannot see, stores the text trimmed '
'and in NFC. Errors: sign_in_required, video_not_found, video_expired, comment_empty, '
'comment_too_long, comment_invalid.';

revoke all on function private.prepare_comment()
from public, anon, authenticated, service_role;
