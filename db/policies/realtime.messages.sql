-- Who may listen to which topic. The table is the platform's, and other applications of
-- the project may have policies on it: ours begin with ig_live_, and there is nothing
-- here but policies. No policy lets a client send.

-- The topic of the row as well: a transaction that has joined one topic, or sent on it,
-- reads nothing of another.
create policy ig_live_select_topics on realtime.messages
for select to anon, authenticated
using (
    extension = 'broadcast'
    and topic = (select realtime.topic())
    and (select private.can_listen(realtime.topic()))
);
