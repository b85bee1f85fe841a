create or replace function private.lease_held_uploads(batch integer default 20)
returns table (
    ticket_id uuid,
    user_id text,
    purpose text,
    folder text,
    file_name text,
    file_id text,
    checks integer,
    thumbnail_ticket_id uuid,
    thumbnail_folder text,
    thumbnail_file_name text
)
language plpgsql
security definer -- media_worker holds no grant on tickets
set search_path = ''
as $$
begin
    if not private.may_call_media() then
        return;
    end if;

    return query
    update private.upload_tickets as t
    set
        checks = t.checks + 1,
        -- Twice as long each time, from half a minute to half an hour.
        next_check_at = now() + interval '30 seconds' * power(2, least(t.checks, 6))
    from (
        select d.id
        from private.upload_tickets as d
        where
            d.state = 'uploaded'
            and d.purpose in ('video', 'avatar')
            and d.next_check_at <= now()
        order by d.next_check_at
        limit lease_held_uploads.batch
        for update skip locked
    ) as due
    left join private.upload_tickets as l on due.id = l.id
    left join private.upload_tickets as p
        on
            l.thumbnail_ticket_id = p.id
            and p.state in ('issued', 'uploaded')
    where t.id = due.id
    returning
        t.id,
        t.user_id,
        t.purpose,
        t.folder,
        t.file_name,
        t.claimed_file_id,
        t.checks,
        p.id,
        p.folder,
        p.file_name;
end
$$;

comment on function private.lease_held_uploads(integer) is
'Uploads that wait for ImageKit''s word and are due to be asked about; each is due again '
'later, so a worker that dies loses none. Ask ImageKit for the file, then call '
'private.publish_video() or private.publish_avatar() by its purpose, or '
'private.fail_upload() when that refuses.';

revoke all on function private.lease_held_uploads(integer)
from public, anon, authenticated, service_role;
grant execute on function private.lease_held_uploads(integer)
to media_worker;
