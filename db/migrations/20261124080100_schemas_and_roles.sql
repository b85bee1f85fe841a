-- The rooms, and who may enter them.

create schema private;
create schema partitions;
create schema ops;

comment on schema private is
'Helpers and state behind the public contract. Never exposed to clients.';
comment on schema partitions is
'The daily leaves of partitioned tables. Made and dropped by jobs; no grants.';
comment on schema ops is
'Views and functions for administrators in psql. Never exposed to clients.';

revoke all on schema private, partitions, ops from public;

-- media_worker may execute exactly the functions that need ImageKit's word. The API
-- logs in as three roles of its own, each a member of one role only: a session is
-- its role and cannot become another. Roles belong to the whole cluster, so another
-- database may have made them already.
do $$
declare
    v_role text;
begin
    if to_regrole('media_worker') is null then
        create role media_worker nologin noinherit;
    end if;
    foreach v_role in array array['api_anon', 'api_user', 'api_media'] loop
        if to_regrole(v_role) is null then
            execute format('create role %I login noinherit', v_role);
        end if;
    end loop;
end
$$;

grant anon to api_anon;
grant authenticated to api_user;
grant media_worker to api_media;

-- Postgres notes that the owner itself may not become media_worker: as it should be.
set local client_min_messages = warning;
alter role api_anon set role = 'anon';
alter role api_user set role = 'authenticated';
alter role api_media set role = 'media_worker';
reset client_min_messages;

-- The limits Supabase gives anon (3 s) and authenticated (8 s). They must stand on
-- the login role: a setting on a role one switches to is not applied.
alter role api_anon set statement_timeout = '3s';
alter role api_user set statement_timeout = '8s';
alter role api_media set statement_timeout = '8s';
alter role api_anon set idle_in_transaction_session_timeout = '10s';
alter role api_user set idle_in_transaction_session_timeout = '10s';
alter role api_media set idle_in_transaction_session_timeout = '10s';

grant usage on schema public, private
to anon, authenticated, service_role, media_worker;
