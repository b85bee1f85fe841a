create or replace function private.stored_title(title text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_title constant text := private.clean_text(stored_title.title);
begin
    if char_length(v_title) > 200 then
        raise exception using
            errcode = 'PT400',
            message = 'title_too_long',
            detail = 'A title has at most 200 characters.';
    end if;
    if not private.is_visible_text(v_title) or strpos(v_title, e'\n') > 0 then
        raise exception using
            errcode = 'PT400',
            message = 'title_invalid',
            detail = 'A title is one line with something visible in it, no control '
                'characters and no piles of marks.';
    end if;
    return v_title;
end
$$;

comment on function private.stored_title(text) is
'The title of a video as it is stored: trimmed and in NFC, "" as null. '
'Errors: title_too_long, title_invalid.';

revoke all on function private.stored_title(text)
from public, anon, authenticated, service_role;
grant execute on function private.stored_title(text)
to authenticated, service_role;
