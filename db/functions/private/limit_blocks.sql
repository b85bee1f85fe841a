create or replace function private.limit_blocks()
returns trigger
language plpgsql
security definer -- clients may not read the settings
set search_path = ''
as $$
declare
    v_limit integer := (
        select s.blocks_per_user from private.settings as s where s.singleton
    );
begin
    if (
        select count(*) from public.user_blocks as b where b.user_id = new.user_id
    ) >= v_limit then
        raise exception using
            errcode = 'PT409',
            message = 'too_many_blocks',
            detail = format('A person may block %s others.', v_limit),
            hint = 'Unblock somebody first.';
    end if;
    return new;
end
$$;

comment on function private.limit_blocks() is
'Trigger: at most settings.blocks_per_user rows a person. Errors: too_many_blocks.';

revoke all on function private.limit_blocks()
from public, anon, authenticated, service_role;
