create or replace function private.page_limit(page_size integer)
returns integer
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
    if page_limit.page_size is null or page_limit.page_size < 1 then
        raise exception using
            errcode = 'PT400',
            message = 'page_size_invalid',
            detail = 'A page has 1 to 50 rows.';
    end if;
    return least(page_limit.page_size, 50);
end
$$;

comment on function private.page_limit(integer) is
'The number of rows of a page: what was asked for, but at most 50. '
'Errors: page_size_invalid below 1.';

revoke all on function private.page_limit(integer)
from public, anon, authenticated, service_role;
grant execute on function private.page_limit(integer)
to anon, authenticated, service_role;
