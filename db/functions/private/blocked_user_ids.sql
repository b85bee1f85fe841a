create or replace function private.blocked_user_ids()
returns text[]
language plpgsql
stable
parallel safe
security definer -- sees who blocked the caller and who is being erased
set search_path = ''
as $$
declare
    v_viewer_id text := private.viewer_id();
begin
    if v_viewer_id is null then
        return array(
            select e.user_id
            from private.erasures as e
            where e.user_id is not null
        );
    end if;
    return array(
        select b.blocked_user_id
        from public.user_blocks as b
        where b.user_id = v_viewer_id
        union all
        select b.user_id
        from public.user_blocks as b
        where b.blocked_user_id = v_viewer_id
        union all
        -- Few and seldom: those of whom so much is there that erasing takes a while.
        select e.user_id
        from private.erasures as e
        where e.user_id is not null
    );
end
$$;

comment on function private.blocked_user_ids() is
'Whom the caller does not meet: those he blocked and those who blocked him, which the '
'answer does not tell apart, and whom nobody meets: people who are being erased.';

revoke all on function private.blocked_user_ids()
from public, anon, authenticated, service_role;
grant execute on function private.blocked_user_ids()
to anon, authenticated, service_role, media_worker;
