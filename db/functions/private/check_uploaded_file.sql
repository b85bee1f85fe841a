create or replace function private.check_uploaded_file(
    ticket private.upload_tickets,
    file jsonb
)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
    v_rules record;
    v_mismatch text;
begin
    select * into v_rules
    from private.upload_rules(check_uploaded_file.ticket.purpose) as r;

    -- What cannot be read as a number counts as missing, and missing as a mismatch.
    v_mismatch := case
        when (file ->> 'type') is distinct from 'file'
            then 'it is not a file'
        when (file ->> 'filePath') is distinct from ticket.file_path
            then 'it lies at another path'
        when coalesce(file ->> 'fileId', '') = ''
            then 'it has no id'
        when (file #>> '{versionInfo,name}') is distinct from 'Version 1'
            then 'it was overwritten'
        when (file ->> 'mime' = any (v_rules.mime_types)) is not true
            then format('its type is not %s', array_to_string(v_rules.mime_types, ' or '))
        when ticket.mime_type is not null and file ->> 'mime' <> ticket.mime_type
            then format('its type is not %s as announced', ticket.mime_type)
        when jsonb_typeof(file -> 'size') is distinct from 'number'
            or (file ->> 'size')::numeric not between 1 and v_rules.max_bytes
            then format('it does not have 1 to %s bytes', v_rules.max_bytes)
        when ticket.bytes is not null and (file ->> 'size')::numeric <> ticket.bytes
            then format('it does not have %s bytes as announced', ticket.bytes)
        when v_rules.max_seconds is not null
            and (
                jsonb_typeof(file -> 'duration') is distinct from 'number'
                or (file ->> 'duration')::numeric not between 0 and v_rules.max_seconds
            )
            then format('it is not a video of at most %s seconds', v_rules.max_seconds)
    end;

    if v_mismatch is not null then
        raise exception using
            errcode = 'PT422',
            message = case ticket.purpose
                when 'thumbnail' then 'thumbnail_mismatch'
                when 'avatar' then 'avatar_mismatch'
                else 'upload_mismatch'
            end,
            detail = format('The file is not what the upload was opened for: %s.', v_mismatch),
            hint = 'Open a new upload and send the file again.';
    end if;
end
$$;

comment on function private.check_uploaded_file(private.upload_tickets, jsonb) is
'Passes when ImageKit''s details of a file are what the ticket was opened for: exact '
'path, first version, type, size, duration. Errors: upload_mismatch, '
'thumbnail_mismatch, avatar_mismatch.';

revoke all on function private.check_uploaded_file(private.upload_tickets, jsonb)
from public, anon, authenticated, service_role;
