-- pgTAP's functions, in a schema of their own that every role may use. Where the server
-- has no such extension its script has been run into the schema beforehand.

create schema if not exists pgtap;
grant usage on schema pgtap to public;

do $$
begin
    if to_regprocedure('pgtap.plan(integer)') is null then
        create extension pgtap with schema pgtap;
    end if;
end
$$;
