create or replace function private.hold_upload(
    user_id text,
    ticket_id uuid,
    file_id text default null,
    title text default null,
    description text default null,
    thumbnail_ticket_id uuid default null
)
returns text
language plpgsql
security definer -- media_worker holds no grant on tickets
set search_path = ''
as $$
declare
    v_ticket private.upload_tickets;
    v_thumbnail private.upload_tickets;
    v_title text;
    v_description text;
begin
    select l.* into v_ticket
    from private.upload_tickets as t
    cross join lateral private.lock_upload(t.user_id, t.id, t.purpose) as l
    where
        t.id = hold_upload.ticket_id
        and t.user_id = hold_upload.user_id
        and t.purpose in ('video', 'avatar');
    if not found then
        raise exception using
            errcode = 'PT404',
            message = 'upload_not_found',
            detail = 'You have no upload with this id.';
    end if;

    if v_ticket.state = 'published' then
        return v_ticket.state;
    end if;

    -- What publishing would refuse is refused now: later nobody is there to hear it.
    v_title := private.stored_title(hold_upload.title);
    v_description := private.stored_description(hold_upload.description);

    -- The thumbnail waits as long as the video, and a wrong one is said to be wrong now.
    if hold_upload.thumbnail_ticket_id is not null then
        v_thumbnail := private.lock_upload(
            hold_upload.user_id, hold_upload.thumbnail_ticket_id, 'thumbnail'
        );
        if v_thumbnail.state = 'published' then
            raise exception using
                errcode = 'PT409',
                message = 'upload_conflict',
                detail = 'The thumbnail belongs to another video.';
        end if;
        update private.upload_tickets as t
        set state = 'uploaded'
        where t.id = v_thumbnail.id;
    end if;

    update private.upload_tickets as t
    set
        state = 'uploaded',
        claimed_file_id = coalesce(hold_upload.file_id, t.claimed_file_id),
        title = coalesce(v_title, t.title),
        description = coalesce(v_description, t.description),
        thumbnail_ticket_id = coalesce(
            hold_upload.thumbnail_ticket_id, t.thumbnail_ticket_id
        ),
        next_check_at = least(t.next_check_at, now() + interval '5 seconds')
    where t.id = v_ticket.id;
    return 'uploaded';
end
$$;

comment on function private.hold_upload(text, uuid, text, text, text, uuid) is
'Notes that a person says his video or avatar has arrived while ImageKit cannot be '
'asked: the ticket becomes uploaded and keeps what publishing needs; a worker finishes '
'it. Gives the ticket''s state, uploaded or published. Errors: suspended, '
'upload_not_found, upload_expired, upload_conflict when the thumbnail belongs to another '
'video, and those of private.prepare_video().';

revoke all on function private.hold_upload(text, uuid, text, text, text, uuid)
from public, anon, authenticated, service_role;
grant execute on function private.hold_upload(text, uuid, text, text, text, uuid)
to media_worker;
