create or replace function private.viewer_id()
returns text
language sql
stable
parallel safe
-- The role decides, never the claim alone: anon with forged claims is nobody. The
-- setting "role" is what the session switched to, also inside a definer's function.
return case
    when current_setting('role', true) = 'authenticated'
        then nullif(
            nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub',
            ''
        )
end;

comment on function private.viewer_id() is
'The signed-in caller''s user id, from the sub of the token; null for anybody else. '
'Policies write (select private.viewer_id()), so that it runs once per statement.';

revoke all on function private.viewer_id()
from public, anon, authenticated, service_role;
grant execute on function private.viewer_id()
to anon, authenticated, service_role, media_worker;
