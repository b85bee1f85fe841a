create or replace function private.refuse_suspended_viewer()
returns void
language plpgsql
stable
security definer -- no client may read suspensions
set search_path = ''
as $$
begin
    -- Few ever were: most calls end here.
    if exists (
        select
        from private.user_suspensions as s
        where s.user_id = private.viewer_id()
    ) then
        perform private.refuse_suspended(private.viewer_id());
    end if;
end
$$;

comment on function private.refuse_suspended_viewer() is
'Passes when the caller is not suspended. Errors: suspended, with the end in its detail.';

revoke all on function private.refuse_suspended_viewer()
from public, anon, authenticated, service_role;
grant execute on function private.refuse_suspended_viewer()
to anon, authenticated, service_role;
