-- Broadcast from the database: realtime.send() and what it needs.
--
-- A message is a row in realtime.messages; policies there decide who may listen and
-- write. A trigger announces every row on the channel "realtime" to whoever serves
-- the sockets.

do $surface$
begin
    set local client_min_messages = warning;
    if obj_description(to_regnamespace('auth'), 'pg_namespace')
        is distinct from 'Supabase surface for plain Postgres.' then
        return;
    end if;

    create or replace function realtime.topic() returns text
    language sql
    stable
    as $function$
        select nullif(current_setting('realtime.topic', true), '')
    $function$;
    comment on function realtime.topic() is
    'The topic being joined or written to; for policies on realtime.messages.';

    -- Hosted has one partition a day, and drops them after three.
    create table if not exists realtime.messages (
        id uuid not null default gen_random_uuid(),
        topic text not null,
        extension text not null,
        event text,
        payload jsonb,
        private boolean default false,
        inserted_at timestamp not null default now(),
        updated_at timestamp not null default now(),
        primary key (id, inserted_at)
    ) partition by range (inserted_at);
    create table if not exists realtime.messages_default
    partition of realtime.messages default;
    create index if not exists messages_inserted_at_topic_index
    on realtime.messages (inserted_at desc, topic)
    where extension = 'broadcast' and private is true;

    alter table realtime.messages owner to supabase_realtime_admin;
    alter table realtime.messages_default owner to supabase_realtime_admin;
    alter table realtime.messages enable row level security;
    alter table realtime.messages_default enable row level security;
    grant select, insert, update on realtime.messages
    to postgres, anon, authenticated, service_role;
    comment on table realtime.messages is
    'Messages on their way to clients. Select policies say who may listen, insert '
    'policies who may send.';
    comment on table realtime.messages_default is 'All messages, on one machine.';

    create or replace function realtime.announce() returns trigger
    language plpgsql
    security definer -- so that the channel hears of every row, whoever wrote it
    set search_path = ''
    as $function$
    declare
        v_head constant jsonb := jsonb_build_object(
            'id', new.id,
            'topic', new.topic,
            'event', new.event,
            'private', new.private
        );
        v_whole constant text
        := (v_head || jsonb_build_object('payload', new.payload))::text;
    begin
        -- A notification is shorter than 8000 bytes; longer payloads are read by id.
        perform pg_notify(
            'realtime',
            case when octet_length(v_whole) < 7900 then v_whole else v_head::text end
        );
        return null;
    end
    $function$;
    comment on function realtime.announce() is
    'Tell the listeners on channel realtime of a new broadcast.';
    revoke all on function realtime.announce() from public;

    -- What has no event is a probe (see may_listen) and no message.
    create or replace trigger announce_on_insert after insert on realtime.messages
    for each row when (new.extension = 'broadcast' and new.event is not null)
    execute function realtime.announce();

    -- Runs as its caller, and turns every failure into a warning: a lost message must
    -- not undo the write it tells of. So does the platform.
    create or replace function realtime.send(
        payload jsonb, event text, topic text, private boolean default true
    ) returns void
    language plpgsql
    as $function$
    declare
        v_id constant uuid := gen_random_uuid();
    begin
        perform set_config('realtime.topic', send.topic, true);
        insert into realtime.messages (id, payload, event, topic, private, extension)
        values (
            v_id,
            case
                when send.payload ? 'id' then send.payload
                else send.payload || jsonb_build_object('id', v_id)
            end,
            send.event, send.topic, send.private, 'broadcast'
        );
    exception when others then
        raise warning 'ErrorSendingBroadcastMessage: %', sqlerrm;
    end
    $function$;
    comment on function realtime.send(jsonb, text, text, boolean) is
    'Broadcast one message on a topic. Never fails: what cannot be sent is a warning.';

    create or replace function realtime.broadcast_changes(
        topic_name text,
        event_name text,
        operation text,
        table_name text,
        table_schema text,
        new record,
        old record,
        level text default 'ROW'
    ) returns void
    language plpgsql
    as $function$
    begin
        if broadcast_changes.level = 'STATEMENT' then
            raise exception
                'function can only be triggered for each row, not for each statement';
        end if;
        if broadcast_changes.operation not in ('INSERT', 'UPDATE', 'DELETE') then
            raise exception 'Unexpected operation type: %', broadcast_changes.operation;
        end if;
        perform realtime.send(
            jsonb_build_object(
                'schema', broadcast_changes.table_schema,
                'table', broadcast_changes.table_name,
                'operation', broadcast_changes.operation,
                'record', to_jsonb(broadcast_changes.new),
                'old_record', to_jsonb(broadcast_changes.old)
            ),
            broadcast_changes.event_name,
            broadcast_changes.topic_name
        );
    end
    $function$;
    comment on function realtime.broadcast_changes(
        text, text, text, text, text, record, record, text
    ) is 'Broadcast one changed row; for calling from a row trigger.';

    if not exists (
        select from pg_catalog.pg_publication as p where p.pubname = 'supabase_realtime'
    ) then
        -- Or it warns that nobody could subscribe below wal_level logical. Nobody does.
        set local client_min_messages = error;
        create publication supabase_realtime;
    end if;
    alter publication supabase_realtime owner to postgres;
end
$surface$;
