create or replace function private.publish_avatar(
    user_id text,
    ticket_id uuid,
    file jsonb
)
returns public.user_profiles
language plpgsql
security definer -- media_worker holds no grant on tickets and profiles
set search_path = ''
as $$
declare
    v_ticket private.upload_tickets;
    v_profile public.user_profiles;
begin
    -- The profile before the ticket, as when an account is erased: each would wait for
    -- the other.
    perform from public.user_profiles as p
    where p.user_id = publish_avatar.user_id
    for no key update;

    v_ticket := private.lock_upload(
        publish_avatar.user_id, publish_avatar.ticket_id, 'avatar'
    );
    if
        v_ticket.state = 'published'
        and v_ticket.file_id is distinct from publish_avatar.file ->> 'fileId'
    then
        raise exception using
            errcode = 'PT409',
            message = 'upload_conflict',
            detail = 'The upload was published with another file.';
    end if;

    if v_ticket.state <> 'published' then
        perform private.check_uploaded_file(v_ticket, publish_avatar.file);

        update private.upload_tickets as t
        set
            state = 'published',
            claimed_file_id = null,
            file_id = publish_avatar.file ->> 'fileId'
        where t.id = v_ticket.id;

        insert into public.user_profiles as p (user_id, avatar)
        values (v_ticket.user_id, private.media_url(v_ticket.file_path))
        on conflict on constraint user_profiles_pkey do update
        set avatar = excluded.avatar;
    end if;

    select * into v_profile
    from public.user_profiles as p
    where p.user_id = v_ticket.user_id;
    return v_profile;
end
$$;

comment on function private.publish_avatar(text, uuid, jsonb) is
'Makes an uploaded picture a person''s avatar, once, and gives the profile; the picture '
'before it is ordered deleted. file: ImageKit''s details as they came. The same call '
'again changes nothing. Errors: suspended, upload_not_found, '
'upload_expired, avatar_mismatch, '
'upload_conflict when the ticket was published with another file.';

revoke all on function private.publish_avatar(text, uuid, jsonb)
from public, anon, authenticated, service_role;
grant execute on function private.publish_avatar(text, uuid, jsonb)
to media_worker;
