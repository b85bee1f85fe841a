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

-- Rows worth choosing from: nulls, documents, lists and a volatile writer of rows.
create function public.instruments() returns table (
    id integer, name text, price numeric, doc jsonb, raw json, tags text[], "odd, one" boolean
)
language sql stable as $$
values
    (1, 'viola', 12.50, '{"a": {"b": [10, {"c": "deep"}]}, "n": 5}'::jsonb,
        '{"z": 1, "a":2}'::json, array['wood', 'bow'], true),
    (2, 'Tuba', null, '{"a": null, "n": 7}', null, array['brass'], false),
    (3, 'viol_a*', 3, null, null, null, null),
    (4, 'oud', 3, '{"n": 6}', null, '{}', true)
$$;
create function public.many(n integer) returns setof integer
language sql stable as 'select generate_series(1, n)';
create function public.many_rows(n integer) returns table (id integer, half integer)
language sql stable as 'select g, g / 2 from generate_series(1, n) as g';
create function public.echo_rows(id integer) returns table (id integer)
language sql stable as 'select generate_series(1, $1)';
create function public.writes_rows(n integer) returns setof public.scratch
language sql volatile as 'insert into public.scratch select generate_series(1, n) returning n';
create function public.profiles() returns setof public.user_profiles
language sql stable as 'select p.* from public.user_profiles as p';
create function public.takes_json(json) returns json language sql stable return $1;
create function public.naps_longer(seconds double precision) returns text
language plpgsql volatile set statement_timeout = '20s' as $$
begin
    perform pg_catalog.pg_sleep(naps_longer.seconds);
    return 'rested';
end
$$;
create function public.naps_briefly(seconds double precision) returns text
language plpgsql stable set statement_timeout = '100ms' as $$
begin
    perform pg_catalog.pg_sleep(naps_briefly.seconds);
    return 'rested';
end
$$;
create function public.says_how(status text, headers text) returns text
language plpgsql stable as $$
begin
    perform pg_catalog.set_config('response.status', says_how.status, true);
    perform pg_catalog.set_config('response.headers', says_how.headers, true);
    return 'said';
end
$$;

create schema shop;
grant usage on schema shop to anon, authenticated;
create table shop.goods (name text);
insert into shop.goods values ('a lute');
grant select on shop.goods to anon, authenticated;
-- Finds its table by the search path that its schema's callers have.
create function shop.goods() returns setof shop.goods language plpgsql stable as $$
begin
    return query select * from goods;
end
$$;
create function shop.echo() returns text language sql stable return 'the shop''s own';
