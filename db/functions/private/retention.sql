create or replace function private.retention()
returns interval
language plpgsql
stable
parallel safe
security definer -- clients may not read the settings
set search_path = ''
as $$
begin
    return (select s.retention from private.settings as s where s.singleton);
end
$$;

comment on function private.retention() is
'How long a video lives.';

revoke all on function private.retention()
from public, anon, authenticated, service_role;
grant execute on function private.retention()
to anon, authenticated, service_role, media_worker;
