create or replace function private.send_live(topic text, event text, payload jsonb)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
    v_sent constant integer := coalesce(
        nullif(current_setting('ig_live.messages_sent', true), ''), '0'
    )::integer;
begin
    -- Each message is a subtransaction; from the 65th on they slow down everybody.
    if v_sent >= 60 then
        return false;
    end if;

    -- Where nobody serves live, there is nobody to tell; and nothing fails for it. That
    -- function turns its own failures into warnings.
    if
        has_schema_privilege(to_regnamespace('realtime')::oid, 'usage')
        and has_function_privilege(
            to_regprocedure('realtime.send(jsonb,text,text,boolean)')::oid, 'execute'
        )
    then
        perform set_config('ig_live.messages_sent', (v_sent + 1)::text, true);
        perform realtime.send(
            send_live.payload, send_live.event, send_live.topic, true
        );
    end if;
    return true;
end
$$;

comment on function private.send_live(text, text, jsonb) is
'Sends one message to those who listen to a topic; they get it when the transaction '
'commits. False when this transaction has sent 60 and sends no more. Fails for nothing: '
'a lost message must not undo the write it tells of. The only place that sends.
Topic video:<id> is for whoever may see the video:
counts {video_id, views_count, likes_count, comments_count}: they have changed; the '
'first change at once, then at most once a second, the last by private.fold_pending(); when '
'so many videos change that somebody else is sending just then, the first by it as well.
removed {video_id}: nobody sees it any more: deleted, hidden or expired.
Topic user:<id> is for this person alone, unless he is suspended:
upload_published {ticket_id, purpose, video_id}: of purpose video or avatar; an avatar has '
'no video_id.
upload_failed {ticket_id, purpose, state, reason}: state failed or expired.
video_commented {video_id, comments_count}: there are new comments on a video of his, as '
'often as counts are sent. They do not say whose: what he may read of them, the table '
'tells.
video_removed {video_id}: moderation has taken a video of his away.
suspended {ends_at}: the last for him; null for good.
Each payload also has an id, the message''s own. No message names a person.';

revoke all on function private.send_live(text, text, jsonb)
from public, anon, authenticated, service_role;
