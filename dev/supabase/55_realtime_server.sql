-- What whoever serves the sockets asks the database: may this caller listen, and what
-- did a message say that was too long for its notice.
--
-- The hosted server logs in with more rights and asks the same in a transaction of
-- several statements. Ours is its caller, and asks in one.

do $surface$
begin
    set local client_min_messages = warning;
    if obj_description(to_regnamespace('auth'), 'pg_namespace')
        is distinct from 'Supabase surface for plain Postgres.' then
        return;
    end if;

    create or replace function realtime.insert_probe(topic text) returns uuid
    language sql
    security definer -- a caller who may listen may not write
    set search_path = ''
    as $function$
        insert into realtime.messages (topic, extension, private)
        values (insert_probe.topic, 'broadcast', true)
        returning id
    $function$;
    comment on function realtime.insert_probe(text) is
    'For may_listen alone: a row of a topic, without an event, so that nobody hears of '
    'it. Its id.';
    -- The table's owner, whom no policy binds.
    alter function realtime.insert_probe(text) owner to supabase_realtime_admin;
    revoke all on function realtime.insert_probe(text) from public;
    grant execute on function realtime.insert_probe(text) to anon, authenticated;

    create or replace function realtime.may_listen(topic text) returns boolean
    language plpgsql
    set search_path = ''
    as $function$
    declare
        v_probe uuid;
        v_sees boolean;
    begin
        perform set_config('realtime.topic', may_listen.topic, true);
        begin
            v_probe := realtime.insert_probe(may_listen.topic);
            v_sees := exists (select from realtime.messages as m where m.id = v_probe);
            -- Takes the probe back; the variable stays.
            raise exception using errcode = 'RT000';
        exception when sqlstate 'RT000' then
            return v_sees;
        end;
    end
    $function$;
    comment on function realtime.may_listen(text) is
    'Whether the policies on realtime.messages let the caller, with the claims of this '
    'transaction, read a message of this topic. What they ask of a message are its '
    'topic, extension and private. Fails as a policy fails.';
    revoke all on function realtime.may_listen(text) from public;
    grant execute on function realtime.may_listen(text) to anon, authenticated;

    create or replace function realtime.read_payload(message_id uuid, topic text)
    returns jsonb
    language plpgsql
    set search_path = ''
    as $function$
    begin
        perform set_config('realtime.topic', read_payload.topic, true);
        return (
            select m.payload
            from realtime.messages as m
            where m.id = read_payload.message_id and m.topic = read_payload.topic
        );
    end
    $function$;
    comment on function realtime.read_payload(uuid, text) is
    'What a private message said that was too long for its notice; null when the caller '
    'may not read it, or it is gone.';
    revoke all on function realtime.read_payload(uuid, text) from public;
    grant execute on function realtime.read_payload(uuid, text) to anon, authenticated;

    create or replace function realtime.read_public_payload(
        message_id uuid, topic text
    ) returns jsonb
    language sql
    stable
    security definer -- no policy speaks of public messages: anybody may hear them
    set search_path = ''
    as $function$
        select m.payload
        from realtime.messages as m
        where
            m.id = read_public_payload.message_id
            and m.topic = read_public_payload.topic
            and m.extension = 'broadcast'
            and not m.private
    $function$;
    comment on function realtime.read_public_payload(uuid, text) is
    'What a public message said that was too long for its notice.';
    alter function realtime.read_public_payload(uuid, text)
    owner to supabase_realtime_admin;
    revoke all on function realtime.read_public_payload(uuid, text) from public;
    grant execute on function realtime.read_public_payload(uuid, text)
    to anon, authenticated;
end
$surface$;
