-- Functions no product has, for a throw-away copy of the database: slow, curious and wicked ones.

create function public.who_am_i() returns json
language plpgsql stable set search_path = '' as $$
begin
    return json_build_object(
        'role', current_user,
        'sub', nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub',
        'address', nullif(current_setting('request.headers', true), '')::json
    );
end
$$;

-- Open to every role there is, the login's own included.
create function public.for_everybody() returns text
language plpgsql stable set search_path = '' as $$
begin
    return current_user;
end
$$;
grant usage on schema public to public;
grant execute on function public.for_everybody() to public;

create function public.my_claims() returns text
language sql stable return pg_catalog.current_setting('request.jwt.claims');

create function public.writes_address() returns json
language plpgsql volatile set search_path = '' as $$
begin
    return pg_catalog.current_setting('request.headers', true)::json;
end
$$;

create function public.nap(seconds double precision) returns text
language plpgsql volatile set search_path = '' as $$
begin
    perform pg_catalog.pg_sleep(nap.seconds);
    return 'rested';
end
$$;

-- Leaves the session in another role than the pool's.
create function public.break_out() returns text
language plpgsql volatile set search_path = '' as $$
begin
    return pg_catalog.set_config('role', 'none', false);
end
$$;

-- Leaves claims behind in the session.
create function public.leave_claims(claims text) returns text
language plpgsql volatile set search_path = '' as $$
begin
    return pg_catalog.set_config('request.jwt.claims', leave_claims.claims, false);
end
$$;

create function public.fail(state text, said text) returns void
language plpgsql stable set search_path = '' as $$
begin
    raise exception using errcode = fail.state, message = fail.said,
        detail = 'a detail', hint = 'a hint';
end
$$;

-- An error that says itself what the answer is.
create function public.answer_whole(said text, around text default null) returns void
language plpgsql stable set search_path = '' as $$
begin
    if answer_whole.around is null then
        raise exception using errcode = 'PGRST', message = answer_whole.said;
    end if;
    raise exception using errcode = 'PGRST', message = answer_whole.said,
        detail = answer_whole.around;
end
$$;

create function public.echo(
    small smallint default null, big bigint default null, exact numeric default null,
    truth boolean default null, words text default null, numbers integer[] default null,
    document jsonb default null, moment timestamptz default null, id uuid default null,
    letters character(3) default null
) returns json
language sql stable
return json_build_object(
    'small', small, 'big', big, 'exact', exact, 'truth', truth, 'words', words,
    'numbers', numbers, 'document', document, 'moment', moment, 'id', id, 'letters', letters
);

create function public.overloaded(a integer) returns text
language sql stable return 'integer ' || a;
create function public.overloaded(a integer, b integer) returns text
language sql stable return 'two integers';
create function public.overloaded(a text, c text default 'c') returns text
language sql stable return 'text ' || a || c;

create function public.answers_a_text() returns text language sql stable return 'a "text"';
create function public.answers_a_number() returns numeric language sql stable return 1.50;
create function public.answers_null() returns text language sql stable return null::text;
create function public.answers_json() returns json language sql stable return '{"a": [1, 2]}'::json;
create function public.answers_numbers() returns setof integer
language sql stable as 'select generate_series(1, 3)';
create function public.answers_nothing() returns setof integer
language sql stable as 'select 1 where false';
create function public.answers_rows() returns table (a integer, b text)
language sql stable as $$ values (1, 'one'), (2, null) $$;
create function public.answers_outs(out a integer, out b text)
language sql stable as $$ values (1, 'one') $$;
create function public.answers_one_out(out a integer) language sql stable as 'select 1';
create function public.answers_a_row() returns public.user_profiles
language sql stable as $$ select p.* from public.user_profiles as p where false $$;
create function public.answers_void() returns void
language plpgsql volatile as $$ begin end $$;
create function public.adds_up(variadic numbers integer[]) returns bigint
language sql stable as 'select sum(n) from unnest(numbers) as n';
create function public."Odd ""name"""("an Arg" integer) returns integer
language sql stable as 'select $1 + 1';
create function public.nameless(integer) returns integer language sql stable as 'select $1';
create table public.scratch (n integer);
create function public.writes() returns integer
language plpgsql volatile as $$
begin
    insert into public.scratch values (1);
    return (select count(*) from public.scratch);
end
$$;
create function public.writes_slowly(seconds double precision) returns integer
language plpgsql volatile as $$
begin
    insert into public.scratch values (1);
    perform pg_catalog.pg_sleep(writes_slowly.seconds);
    return 1;
end
$$;
create function public.writes_though_stable() returns integer
language sql stable as 'select public.writes()';
grant select, insert on public.scratch to anon, authenticated;
create function public.not_for_anybody() returns integer language sql stable return 1;
revoke all on function public.not_for_anybody() from public, anon, authenticated, service_role;
