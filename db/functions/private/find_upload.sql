create or replace function private.find_upload(
    user_id text,
    inout ticket_id uuid default null,
    url text default null,
    out purpose text,
    out folder text,
    out file_name text,
    out file_path text,
    out state text,
    out reason text,
    out video_id uuid,
    out file_id text,
    out expires_at timestamptz
)
returns record
language plpgsql
stable
security definer -- media_worker holds no grant on tickets and settings
set search_path = ''
as $$
declare
    v_endpoint constant text := private.media_url('');
    v_path constant text := case
        when starts_with(find_upload.url, v_endpoint || '/')
            then split_part(
                substr(find_upload.url, char_length(v_endpoint) + 1), '?', 1
            )
    end;
begin
    select
        t.id,
        t.purpose,
        t.folder,
        t.file_name,
        t.file_path,
        case
            when t.state = 'issued'
                and now() >= t.expires_at + (
                    select s.ticket_grace from private.settings as s where s.singleton
                )
                then 'expired'
            else t.state
        end,
        t.reason,
        t.video_id,
        t.file_id,
        t.expires_at
    into
        find_upload.ticket_id,
        find_upload.purpose,
        find_upload.folder,
        find_upload.file_name,
        find_upload.file_path,
        find_upload.state,
        find_upload.reason,
        find_upload.video_id,
        find_upload.file_id,
        find_upload.expires_at
    from private.upload_tickets as t
    where
        t.user_id = find_upload.user_id
        and (t.id = find_upload.ticket_id or t.file_path = v_path);

    if not found then
        raise exception using
            errcode = 'PT404',
            message = 'upload_not_found',
            detail = 'You have no upload with this id or URL.';
    end if;
end
$$;

comment on function private.find_upload(text, uuid, text) is
'A person''s upload ticket, by its id or by the URL its file will have (a query string '
'is ignored): where the file lies and how far it is (issued, uploaded, published, '
'failed, expired, swept), with the reason of a failure. Errors: upload_not_found.';

revoke all on function private.find_upload(text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function private.find_upload(text, uuid, text)
to media_worker;
