create or replace function private.note_removal(video_id uuid, is_moderated boolean)
returns void
language plpgsql
set search_path = ''
as $$
begin
    -- The first of a transaction at once; of many, the rest by a job: a message costs
    -- more than the mark it tells of.
    if coalesce(current_setting('ig_live.messages_sent', true), '') = '' then
        perform private.announce_removal(
            note_removal.video_id, note_removal.is_moderated
        );
    else
        insert into private.video_removals (video_id, is_moderated)
        values (note_removal.video_id, note_removal.is_moderated)
        on conflict do nothing;
    end if;
end
$$;

comment on function private.note_removal(uuid, boolean) is
'Announces that a video is gone: at once when this transaction has sent nothing yet, else '
'with the next run of private.announce_removals().';

revoke all on function private.note_removal(uuid, boolean)
from public, anon, authenticated, service_role;
