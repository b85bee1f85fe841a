create or replace function private.take_webhook(event jsonb)
returns text
language plpgsql
security definer -- media_worker holds no grant on tickets, files and orders
set search_path = ''
as $$
declare
    v_path constant text := event #>> '{data,filePath}';
    v_file_id constant text := event #>> '{data,fileId}';
    v_ticket private.upload_tickets;
    v_is_published boolean;
begin
    if (char_length(take_webhook.event ->> 'id') between 1 and 255) is not true then
        raise exception using
            errcode = 'PT400',
            message = 'event_invalid',
            detail = 'An event has an id of 1 to 255 characters.';
    end if;

    insert into private.webhook_events (id, kind)
    values (take_webhook.event ->> 'id', coalesce(take_webhook.event ->> 'type', ''))
    on conflict do nothing;
    if not found then
        return 'repeated';
    end if;

    -- Other applications may share the account: their folders are not ours.
    if
        v_path is null
        or v_file_id is null
        or v_path !~ '^/(videos|avatars)/[^[:cntrl:]]+$'
        or v_path ~ '/\.{1,2}(/|$)'
    then
        return 'ignored';
    end if;

    select * into v_ticket
    from private.upload_tickets as t
    where t.file_path = v_path
    for update;

    -- A restored video has no ticket.
    v_is_published := v_ticket.state = 'published' or exists (
        select
        from private.video_files as f
        where v_path in (f.file_path, f.thumbnail_path)
    );

    if take_webhook.event ->> 'type' = 'file-version.created' then
        if v_is_published then
            perform private.raise_alarm(
                'file_overwritten', v_path, 'A published file got another version.'
            );
            return 'alarm';
        end if;
        return 'ignored';
    end if;

    if take_webhook.event ->> 'type' is distinct from 'file.created' then
        return 'ignored';
    end if;

    if v_is_published then
        return 'known';
    end if;

    if v_ticket.id is null or v_ticket.state in ('failed', 'expired', 'swept') then
        perform private.order_file(
            v_path,
            v_file_id,
            case when v_ticket.id is null then 'orphan' else 'expired' end
        );
        return 'ordered deleted';
    end if;

    if v_ticket.state = 'issued' then
        -- The app has its chance to publish it with a title; after that it is
        -- published all the same.
        update private.upload_tickets as t
        set
            state = 'uploaded',
            claimed_file_id = v_file_id,
            next_check_at = now() + (
                select s.finish_after from private.settings as s where s.singleton
            )
        where t.id = v_ticket.id;
        return 'uploaded';
    end if;
    return 'known';
end
$$;

comment on function private.take_webhook(jsonb) is
'Takes one verified webhook of ImageKit, {id, type, created_at, data}, once. A file that '
'arrived for an open ticket will be published even if its phone is gone; one that nobody '
'asked for is ordered deleted; a new version of a published file raises an alarm. Gives '
'what it did: uploaded, known, ordered deleted, alarm, repeated or ignored. '
'Errors: event_invalid.';

revoke all on function private.take_webhook(jsonb)
from public, anon, authenticated, service_role;
grant execute on function private.take_webhook(jsonb)
to media_worker;
