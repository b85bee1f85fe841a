create or replace function private.is_visible_text(value text)
returns boolean
language sql
immutable
parallel safe
-- Line feeds may stand in a text, other control characters may not; and one character
-- at least must show. The tables' constraints say the latter again.
return is_visible_text.value !~ '[\u0001-\u0009\u000B-\u001F\u007F-\u009F]'
and is_visible_text.value ~ (
    '[^[:space:][:cntrl:]\u00A0\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5'
    '\u180B-\u180F\u200B-\u200F\u2028-\u202F\u205F-\u206F\u2800\u3000\u3164'
    '\uFE00-\uFE0F\uFEFF\uFFA0]'
);

comment on function private.is_visible_text(text) is
'Does a text show anything, and has it no control characters but line feeds?';

revoke all on function private.is_visible_text(text)
from public, anon, authenticated, service_role;
grant execute on function private.is_visible_text(text)
to anon, authenticated, service_role, media_worker;
