create or replace function private.drop_leaf(leaf regclass, attempts integer default 50)
returns boolean
language plpgsql
set search_path = ''
-- Dropping takes the strongest lock on the parent. Behind one slow reader it would
-- hold up every query for as long; so it gives way and tries again. 30 ms: what a
-- client waits and its own transaction stay under 60 ms together.
set lock_timeout = '30ms'
as $$
declare
    v_leaf constant text := drop_leaf.leaf;
    v_parent constant text := (
        select i.inhparent::regclass
        from pg_catalog.pg_inherits as i
        where i.inhrelid = drop_leaf.leaf
    );
begin
    for v_attempt in 1..drop_leaf.attempts loop
        begin
            -- Whoever uses the leaf through its parent has let it go once we have the
            -- parent. Waiting a second time would hold up everybody for that time too.
            execute format('lock table only %s in access exclusive mode', v_parent);
            execute format('lock table only %s in access exclusive mode nowait', v_leaf);
            execute format('drop table %s', v_leaf);
            return true;
        exception
            when lock_not_available then
                null;
        end;
        -- The failed attempt's locks are gone: nobody waits for us while we sleep.
        exit when v_attempt = drop_leaf.attempts;
        perform pg_sleep(0.1);
    end loop;
    return false;
end
$$;

comment on function private.drop_leaf(regclass, integer) is
'Drops a daily leaf. True when it is gone; false when its parent stayed busy: each '
'attempt waits at most 30 ms for it, with 100 ms between. Call it first in a '
'transaction that ends right after it: until then nobody reads the parent.';

revoke all on function private.drop_leaf(regclass, integer)
from public, anon, authenticated, service_role;
