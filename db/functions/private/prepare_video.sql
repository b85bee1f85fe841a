create or replace function private.prepare_video()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.title := private.clean_text(new.title);
    new.description := private.clean_text(new.description);

    if char_length(new.title) > 200 then
        raise exception using
            errcode = 'PT400',
            message = 'title_too_long',
            detail = 'A title has at most 200 characters.';
    end if;
    if not private.is_visible_text(new.title) or strpos(new.title, e'\n') > 0 then
        raise exception using
            errcode = 'PT400',
            message = 'title_invalid',
            detail = 'A title is one line with something visible in it, no control '
                'characters and no piles of marks.';
    end if;
    if char_length(new.description) > 2000 then
        raise exception using
            errcode = 'PT400',
            message = 'description_too_long',
            detail = 'A description has at most 2000 characters.';
    end if;
    if not private.is_visible_text(new.description) then
        raise exception using
            errcode = 'PT400',
            message = 'description_invalid',
            detail = 'A description has something visible in it, no control characters '
                'but line feeds, and no piles of marks.';
    end if;

    if tg_op = 'UPDATE' then
        new.updated_at := now();
    end if;
    return new;
end
$$;

comment on function private.prepare_video() is
'Trigger: stores title and description trimmed and in NFC, "" as null. '
'Errors: title_too_long, title_invalid, description_too_long, description_invalid.';

revoke all on function private.prepare_video()
from public, anon, authenticated, service_role;
