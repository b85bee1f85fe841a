-- Uploads, as the API and ImageKit would have made them.

-- What ImageKit says about a file that is just what its ticket was opened for.
create function tests.details(ticket_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'type', 'file',
        'name', t.file_name,
        'filePath', t.file_path,
        'fileId', 'file-' || t.id,
        'versionInfo', jsonb_build_object('id', 'file-' || t.id, 'name', 'Version 1'),
        'mime', coalesce(
            t.mime_type,
            case t.purpose when 'video' then 'video/mp4' else 'image/jpeg' end
        ),
        'size', coalesce(t.bytes, 1000),
        'duration', 7
    )
    from private.upload_tickets as t
    where t.id = details.ticket_id
$$;

comment on function tests.details(uuid) is
'ImageKit''s details of a file uploaded with this ticket.';

alter function tests.details(uuid) owner to postgres;

create function tests.published(owner text, with_thumbnail boolean default false)
returns uuid
language plpgsql
as $$
declare
    v_ticket_id uuid;
    v_thumbnail_id uuid;
    v_video_id uuid;
begin
    perform tests.as_media_worker();
    v_ticket_id := (private.open_upload(published.owner)).ticket_id;
    if published.with_thumbnail then
        v_thumbnail_id := (private.open_upload(published.owner, 'thumbnail')).ticket_id;
    end if;
    v_video_id := (
        private.publish_video(
            published.owner,
            v_ticket_id,
            tests.details(v_ticket_id),
            thumbnail_ticket_id => v_thumbnail_id,
            thumbnail_file => tests.details(v_thumbnail_id)
        )
    ).id;
    perform tests.as_owner();
    return v_video_id;
end
$$;

comment on function tests.published(text, boolean) is
'A video that went the whole way: ticket, file, publication. Afterwards the owner speaks.';
