create or replace function private.open_upload(
    user_id text,
    purpose text default 'video',
    mime text default null,
    bytes bigint default null,
    request_id uuid default null,
    out ticket_id uuid,
    out folder text,
    out file_name text,
    out mime_types text[],
    out exact_bytes bigint,
    out max_bytes bigint,
    out max_seconds integer,
    out issued_at timestamptz,
    out expires_at timestamptz
)
returns record
language plpgsql
security definer -- media_worker holds no grant on tickets and settings
set search_path = ''
as $$
declare
    v_settings private.settings;
    v_extension text;
    v_ticket private.upload_tickets;
    v_bytes bigint;
    v_since timestamptz;
begin
    select * into v_settings
    from private.settings as s
    where s.singleton;

    if v_settings.url_endpoint is null then
        raise exception using
            errcode = 'PT503',
            message = 'uploads_not_configured',
            detail = 'The URL endpoint of the media service is not set.',
            hint = 'Deploy with IMAGEKIT_URL_ENDPOINT.';
    end if;
    if (open_upload.user_id ~ '^[^[:cntrl:]]{1,255}$') is not true then
        raise exception using
            errcode = 'PT401',
            message = 'sign_in_required',
            detail = 'This needs a signed-in user.',
            hint = 'Send the access token of a user.';
    end if;
    perform private.refuse_suspended(open_upload.user_id);
    if (open_upload.purpose in ('video', 'thumbnail', 'avatar')) is not true then
        raise exception using
            errcode = 'PT400',
            message = 'purpose_invalid',
            detail = 'The purpose is video, thumbnail or avatar.';
    end if;

    select r.mime_types, r.extension, r.max_bytes, r.max_seconds
    into open_upload.mime_types, v_extension, open_upload.max_bytes,
        open_upload.max_seconds
    from private.upload_rules(open_upload.purpose) as r;

    if open_upload.mime <> all(open_upload.mime_types) then
        raise exception using
            errcode = 'PT415',
            message = 'upload_type_unsupported',
            detail = format(
                'A %s is one of %s.',
                open_upload.purpose, array_to_string(open_upload.mime_types, ', ')
            );
    end if;
    if open_upload.bytes < 1 then
        raise exception using
            errcode = 'PT400',
            message = 'bytes_invalid',
            detail = 'A file has at least one byte.';
    end if;
    if open_upload.bytes > open_upload.max_bytes then
        raise exception using
            errcode = 'PT413',
            message = 'upload_too_large',
            detail = format(
                'A %s has at most %s bytes.', open_upload.purpose, open_upload.max_bytes
            );
    end if;

    -- One ticket of a person at a time, so that parallel calls cannot pass the limits.
    perform pg_advisory_xact_lock(
        hashtextextended('private.open_upload:' || open_upload.user_id, 0)
    );

    -- Asked again, as after a lost answer: the same ticket, whatever the limits say.
    select * into v_ticket
    from private.upload_tickets as t
    where
        t.user_id = open_upload.user_id and t.request_id = open_upload.request_id;

    if found then
        if
            v_ticket.purpose <> open_upload.purpose
            or v_ticket.mime_type is distinct from open_upload.mime
            or v_ticket.bytes is distinct from open_upload.bytes
        then
            raise exception using
                errcode = 'PT422',
                message = 'request_id_reused',
                detail = 'You have opened another upload with this request_id.',
                hint = 'Make a new random uuid for each upload; repeat it only to try '
                    'again.';
        end if;
        if v_ticket.state <> 'issued' or v_ticket.expires_at <= now() then
            raise exception using
                errcode = 'PT410',
                message = 'upload_expired',
                detail = 'The upload that was opened with this request_id is over.',
                hint = 'Open a new upload with a new request_id.';
        end if;
        open_upload.ticket_id := v_ticket.id;
        open_upload.folder := v_ticket.folder;
        open_upload.file_name := v_ticket.file_name;
        open_upload.exact_bytes := v_ticket.bytes;
        open_upload.issued_at := v_ticket.issued_at;
        open_upload.expires_at := v_ticket.expires_at;
        return;
    end if;

    if (
        select count(*)
        from private.upload_tickets as t
        where
            t.user_id = open_upload.user_id
            and t.state = 'issued'
            and t.expires_at > now()
    ) >= v_settings.open_tickets_per_user then
        raise exception using
            errcode = 'PT409',
            message = 'too_many_open_uploads',
            detail = format(
                'A person may have %s uploads open.', v_settings.open_tickets_per_user
            ),
            hint = 'Use one of them, or wait until one expires.';
    end if;
    -- The last ticket that is one too many; when it is an hour old, there is room.
    v_since := (
        select t.issued_at
        from private.upload_tickets as t
        where
            t.user_id = open_upload.user_id
            and t.issued_at > now() - interval '1 hour'
        order by t.issued_at desc
        offset v_settings.tickets_per_hour - 1
        limit 1
    );
    if v_since is not null then
        perform private.raise_try_later(
            'too_many_uploads',
            format(
                'A person may open %s uploads an hour.', v_settings.tickets_per_hour
            ),
            v_since + interval '1 hour' - now()
        );
    end if;

    -- The same by size. An upload that announces none may be as large as any.
    v_bytes := coalesce(open_upload.bytes, open_upload.max_bytes);
    v_since := case
        when v_bytes > v_settings.bytes_per_day then now()
        else (
            select max(u.issued_at)
            from (
                select
                    t.issued_at,
                    sum(
                        coalesce(
                            t.bytes,
                            case t.purpose
                                when 'video' then v_settings.max_video_bytes
                                else v_settings.max_image_bytes
                            end
                        )
                    ) over (order by t.issued_at desc, t.id desc) as bytes_since
                from private.upload_tickets as t
                where
                    t.user_id = open_upload.user_id
                    and t.issued_at > now() - interval '24 hours'
            ) as u
            where u.bytes_since + v_bytes > v_settings.bytes_per_day
        )
    end;
    if v_since is not null then
        perform private.raise_try_later(
            'too_many_bytes',
            format(
                'A person may upload %s bytes a day; a file whose size is not announced '
                'counts as the largest.', v_settings.bytes_per_day
            ),
            v_since + interval '24 hours' - now()
        );
    end if;

    -- The folder is fixed by the hour of signing, so that a retired one cannot come
    -- back: it is far older than any ticket. The name is the ticket and unguessable.
    open_upload.ticket_id := private.uuid_v7();
    open_upload.issued_at := date_trunc('second', now());
    open_upload.expires_at := open_upload.issued_at + v_settings.ticket_life;
    open_upload.exact_bytes := open_upload.bytes;
    open_upload.folder := case
        when open_upload.purpose = 'avatar'
            then to_char(now() at time zone 'utc', '"/avatars/"YYYY-MM-DD')
        else to_char(now() at time zone 'utc', '"/videos/"YYYY-MM-DD/HH24')
    end;
    open_upload.file_name := open_upload.ticket_id || '.' || v_extension;

    insert into private.upload_tickets (
        id, user_id, purpose, folder, file_name, mime_type, bytes, issued_at, expires_at,
        request_id
    )
    values (
        open_upload.ticket_id, open_upload.user_id, open_upload.purpose,
        open_upload.folder, open_upload.file_name, open_upload.mime, open_upload.bytes,
        open_upload.issued_at, open_upload.expires_at, open_upload.request_id
    );
end
$$;

comment on function private.open_upload(text, text, text, bigint, uuid) is
'Opens an upload ticket for a person the API has verified. purpose: video, thumbnail or '
'avatar; mime and bytes: what the app is going to send, null when it does not say. '
'Gives where the file must go (folder, file_name), what ImageKit must check (mime_types, '
'exact_bytes or max_bytes, max_seconds) and until when. request_id: a random uuid of the '
'app''s making; asked again with the same one, and for the same, it gives the same '
'ticket. Errors: sign_in_required, '
'suspended, purpose_invalid, upload_type_unsupported, bytes_invalid, upload_too_large, '
'too_many_open_uploads, too_many_uploads, too_many_bytes, uploads_not_configured; '
'request_id_reused when the person opened another upload with it, upload_expired when '
'that upload is over.';

revoke all on function private.open_upload(text, text, text, bigint, uuid)
from public, anon, authenticated, service_role;
grant execute on function private.open_upload(text, text, text, bigint, uuid)
to media_worker;
