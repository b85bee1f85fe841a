-- depends: views/video_feed
create or replace function private.publish_video(
    user_id text,
    ticket_id uuid,
    file jsonb,
    title text default null,
    description text default null,
    thumbnail_ticket_id uuid default null,
    thumbnail_file jsonb default null
)
returns public.video_feed
language plpgsql
security definer -- no client may insert videos
set search_path = ''
as $$
declare
    v_ticket private.upload_tickets;
    v_thumbnail private.upload_tickets;
    v_id uuid;
    v_video public.video_feed;
begin
    -- Before anything is written: attaching a leaf locks videos against writers.
    -- A video without its day could be neither liked nor viewed.
    if not private.ensure_day((now() at time zone 'utc')::date, attempts => 10) then
        raise exception using
            errcode = 'PT503',
            message = 'busy',
            detail = 'The tables of the day could not be made just now.',
            hint = 'Try again in some seconds.';
    end if;

    -- The profile before the ticket, as when an account is erased: each would wait for
    -- the other.
    perform from public.user_profiles as p
    where p.user_id = publish_video.user_id
    for key share;

    v_ticket := private.lock_upload(
        publish_video.user_id, publish_video.ticket_id, 'video'
    );

    if v_ticket.state = 'published' then
        if v_ticket.file_id is distinct from publish_video.file ->> 'fileId' then
            raise exception using
                errcode = 'PT409',
                message = 'upload_conflict',
                detail = 'The upload was published with another file.';
        end if;
        -- Published meanwhile without the app, which had no chance to name it.
        update public.videos as v
        set
            title = coalesce(v.title, publish_video.title),
            description = coalesce(v.description, publish_video.description)
        where
            v.id = v_ticket.video_id
            and (
                (v.title is null and publish_video.title is not null)
                or (v.description is null and publish_video.description is not null)
            );

        select * into v_video
        from public.video_feed as f
        where f.id = v_ticket.video_id and private.can_see_video(f.id);
        return v_video;
    end if;

    perform private.check_uploaded_file(v_ticket, publish_video.file);
    if publish_video.thumbnail_ticket_id is not null then
        v_thumbnail := private.lock_upload(
            publish_video.user_id, publish_video.thumbnail_ticket_id, 'thumbnail'
        );
        if v_thumbnail.state = 'published' then
            raise exception using
                errcode = 'PT409',
                message = 'upload_conflict',
                detail = 'The thumbnail belongs to another video.';
        end if;
        perform private.check_uploaded_file(v_thumbnail, publish_video.thumbnail_file);
    end if;

    v_id := private.uuid_v7();
    insert into public.videos (
        id, title, description, video_url, thumbnail_url, user_id, created_at,
        updated_at
    )
    values (
        v_id,
        coalesce(publish_video.title, v_ticket.title),
        coalesce(publish_video.description, v_ticket.description),
        private.media_url(v_ticket.file_path, 'streaming'),
        private.media_url(v_thumbnail.file_path),
        v_ticket.user_id,
        private.uuid_v7_time(v_id),
        private.uuid_v7_time(v_id)
    );
    insert into private.video_files (
        video_id, file_id, file_path, bytes, thumbnail_file_id, thumbnail_path,
        ticket_id
    )
    values (
        v_id,
        publish_video.file ->> 'fileId',
        v_ticket.file_path,
        (publish_video.file ->> 'size')::bigint,
        case
            when v_thumbnail.id is not null
                then publish_video.thumbnail_file ->> 'fileId'
        end,
        v_thumbnail.file_path,
        v_ticket.id
    );

    update private.upload_tickets as t
    set
        state = 'published',
        file_id = publish_video.file ->> 'fileId',
        claimed_file_id = null,
        video_id = v_id,
        thumbnail_ticket_id = null,
        title = null,
        description = null
    where t.id = v_ticket.id;
    update private.upload_tickets as t
    set
        state = 'published',
        file_id = publish_video.thumbnail_file ->> 'fileId',
        video_id = v_id
    where t.id = v_thumbnail.id;

    select * into v_video
    from public.video_feed as f
    where f.id = v_id;
    return v_video;
end
$$;

comment on function
private.publish_video(text, uuid, jsonb, text, text, uuid, jsonb) is
'Makes a video of an uploaded file, once. file and thumbnail_file: ImageKit''s details of '
'the files as they came; they must be what the person''s tickets were opened for. The '
'same call again gives the same video, or nulls when it is gone by now. '
'Errors: suspended, upload_not_found, upload_expired, upload_mismatch and thumbnail_mismatch (then '
'call private.fail_upload() with the file that was refused), upload_conflict when the '
'ticket was published with another file or the thumbnail with another video, busy when '
'the day''s tables are missing and cannot be made within a second (try again), and those '
'of private.prepare_video().';

revoke all on function
private.publish_video(text, uuid, jsonb, text, text, uuid, jsonb)
from public, anon, authenticated, service_role;
grant execute on function
private.publish_video(text, uuid, jsonb, text, text, uuid, jsonb)
to media_worker;
