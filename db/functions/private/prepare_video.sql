create or replace function private.prepare_video()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.title := private.stored_title(new.title);
    new.description := private.stored_description(new.description);

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
