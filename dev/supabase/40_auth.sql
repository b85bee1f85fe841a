-- Who is calling, as Supabase's auth schema says it, and a small auth.users.
--
-- The claims of the verified token arrive in the setting request.jwt.claims, one by
-- one in request.jwt.claim.<name> from old gateways.

do $surface$
begin
    set local client_min_messages = warning;
    if obj_description(to_regnamespace('auth'), 'pg_namespace')
        is distinct from 'Supabase surface for plain Postgres.' then
        return;
    end if;

    create or replace function auth.jwt() returns jsonb
    language sql
    stable
    as $function$
        select coalesce(
            nullif(current_setting('request.jwt.claim', true), ''),
            nullif(current_setting('request.jwt.claims', true), '')
        )::jsonb
    $function$;

    create or replace function auth.uid() returns uuid
    language sql
    stable
    as $function$
        select coalesce(
            nullif(current_setting('request.jwt.claim.sub', true), ''),
            nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
        )::uuid
    $function$;

    create or replace function auth.role() returns text
    language sql
    stable
    as $function$
        select coalesce(
            nullif(current_setting('request.jwt.claim.role', true), ''),
            nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
        )
    $function$;

    create or replace function auth.email() returns text
    language sql
    stable
    as $function$
        select coalesce(
            nullif(current_setting('request.jwt.claim.email', true), ''),
            nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
        )
    $function$;

    comment on function auth.jwt() is 'All claims of the caller''s token.';
    comment on function auth.uid() is
    'The caller''s id, if the token''s subject is a uuid; any other is an error.';
    comment on function auth.role() is 'The role the caller''s token names.';
    comment on function auth.email() is 'The address in the caller''s token, if any.';

    alter function auth.jwt() owner to supabase_auth_admin;
    alter function auth.uid() owner to supabase_auth_admin;
    alter function auth.role() owner to supabase_auth_admin;
    alter function auth.email() owner to supabase_auth_admin;

    create table if not exists auth.users (
        id uuid primary key,
        aud text,
        role text,
        email text,
        phone text unique,
        raw_app_meta_data jsonb,
        raw_user_meta_data jsonb,
        is_anonymous boolean not null default false,
        banned_until timestamptz,
        last_sign_in_at timestamptz,
        created_at timestamptz,
        updated_at timestamptz,
        deleted_at timestamptz
    );
    alter table auth.users owner to supabase_auth_admin;
    alter table auth.users enable row level security;
    grant all on auth.users to postgres;
    comment on table auth.users is
    'The columns of Supabase''s accounts that an application reads; its auth service, '
    'which writes them, is not part of the surface.';
end
$surface$;
