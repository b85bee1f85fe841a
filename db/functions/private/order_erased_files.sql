create or replace function private.order_erased_files()
returns trigger
language plpgsql
security definer -- nobody but this project's functions writes deletion orders
set search_path = ''
as $$
begin
    -- Before the rows that know the files are cascaded away.
    perform private.order_files(
        array(select v.id from public.videos as v where v.user_id = old.user_id),
        'erased'
    );
    perform private.order_file(t.file_path, t.file_id, 'erased')
    from private.upload_tickets as t
    where
        t.user_id = old.user_id
        and t.purpose = 'avatar'
        and t.state = 'published'
        and right(old.avatar, char_length(t.file_path)) = t.file_path;

    -- No ticket names the person any more. Those that are done with go.
    delete from private.upload_tickets as t
    where t.user_id = old.user_id and t.state in ('published', 'swept');

    -- What was uploaded and not published is swept, once nothing can follow.
    update private.upload_tickets as t
    set
        user_id = null,
        title = null,
        description = null,
        state = case when t.state = 'failed' then t.state else 'expired' end,
        reason = case
            when t.state in ('issued', 'uploaded') then 'account_erased'
            else t.reason
        end,
        next_check_at = case
            when t.state in ('issued', 'uploaded')
                then greatest(
                    now(),
                    t.expires_at + (
                        select s.ticket_grace from private.settings as s where s.singleton
                    )
                )
            else t.next_check_at
        end
    where t.user_id = old.user_id;
    return old;
end
$$;

comment on function private.order_erased_files() is
'Trigger, before a profile and with it all of a person''s videos go: orders the deletion '
'of every file of that person at once, and forgets whose upload tickets were. Their '
'copies at the CDN are purged whatever the month''s budget, by the day when there are '
'many (private.order_purge).';

revoke all on function private.order_erased_files()
from public, anon, authenticated, service_role;
