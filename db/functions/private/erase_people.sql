create or replace function private.erase_people()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_user_id text;
    v_rows integer;
begin
    select e.user_id into v_user_id
    from private.erasures as e
    where e.user_id is not null
    order by e.requested_at
    limit 1
    for update skip locked;

    if found then
        -- Two seconds a minute.
        return private.erase_person(v_user_id, 20000);
    end if;

    -- Whose videos the purge has taken needs no alias any more.
    delete from public.user_profiles as p
    using private.erasures as e
    where
        e.user_id is null
        and p.user_id = e.alias
        and not exists (select from public.videos as v where v.user_id = e.alias);

    delete from private.erasures as e
    where
        e.user_id is null
        and not exists (select from public.user_profiles as p where p.user_id = e.alias);
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.erase_people() is
'Job: erases up to 20000 more rows of the person who has waited longest; when nobody waits, '
'forgets the aliases whose videos are purged. Gives the number of rows.';

revoke all on function private.erase_people()
from public, anon, authenticated, service_role;
