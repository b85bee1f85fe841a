create or replace function private.stored_description(description text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_description constant text := private.clean_text(stored_description.description);
begin
    if char_length(v_description) > 2000 then
        raise exception using
            errcode = 'PT400',
            message = 'description_too_long',
            detail = 'A description has at most 2000 characters.';
    end if;
    if not private.is_visible_text(v_description) then
        raise exception using
            errcode = 'PT400',
            message = 'description_invalid',
            detail = 'A description has something visible in it, no control characters '
                'but line feeds, and no piles of marks.';
    end if;
    return v_description;
end
$$;

comment on function private.stored_description(text) is
'The description of a video as it is stored: trimmed and in NFC, "" as null. '
'Errors: description_too_long, description_invalid.';

revoke all on function private.stored_description(text)
from public, anon, authenticated, service_role;
grant execute on function private.stored_description(text)
to authenticated, service_role;
