create or replace function private.is_visible_text(value text)
returns boolean
language sql
immutable
parallel safe
-- Line feeds may stand in a text, other control characters may not.
return is_visible_text.value !~ '[\u0001-\u0009\u000B-\u001F\u007F-\u009F]'
-- Marks that are drawn above and below each other run over the lines around, which are
-- other people's. Biblical Hebrew puts five on a letter; Tibetan has syllables of eight
-- letters and marks below the first. What is invisible between marks keeps none apart.
-- (Other scripts are not listed: there a second mark stands beside the first.)
and is_visible_text.value !~ (
    '[\u00AD\u0300-\u036F\u0483-\u0489\u0591-\u05C7\u0610-\u061C\u064B-\u065F\u0670'
    '\u06D6-\u06ED\u0711\u0730-\u074A\u07A6-\u07B0\u07EB-\u07F3\u07FD\u0898-\u089F'
    '\u08CA-\u08FF\u0E31\u0E34-\u0E3A\u0E47-\u0E4E\u0EB1\u0EB4-\u0EBC\u0EC8-\u0ECE'
    '\u180B-\u180F\u1AB0-\u1AFF\u1DC0-\u1DFF\u200B-\u200F\u2060-\u2065\u20D0-\u20FF'
    '\u2DE0-\u2DFF\u302A-\u302F\u3099\u309A\uA66F-\uA67D\uA69E\uA69F\uA8E0-\uA8F1\uFB1E'
    '\uFE00-\uFE0F\uFE20-\uFE2F\uFEFF\U000E0100-\U000E01EF]{6}'
    '|[\u00AD\u0300-\u036F\u061C\u0F18\u0F19\u0F35\u0F37\u0F39\u0F71-\u0F87'
    '\u0F8D-\u0FBC\u0FC6\u180B-\u180F\u200B-\u200F\u2060-\u2065\uFE00-\uFE0F\uFEFF'
    '\U000E0100-\U000E01EF]{9}'
    -- A flag's tags are up to five letters and an end; more would be a hidden text.
    '|[\U000E0000-\U000E007F]{7}'
)
-- One character at least must show. The tables' constraints say it again.
and is_visible_text.value ~ (
    '[^[:space:][:cntrl:]\u00A0\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5'
    '\u180B-\u180F\u200B-\u200F\u2028-\u202F\u205F-\u206F\u2800\u3000\u3164'
    '\uFE00-\uFE0F\uFEFF\uFFA0]'
);

comment on function private.is_visible_text(text) is
'Does a text show anything, has it no control characters but line feeds, and no pile of '
'marks (six in a row, nine in Tibetan) that would run over the lines around it?';

revoke all on function private.is_visible_text(text)
from public, anon, authenticated, service_role;
grant execute on function private.is_visible_text(text)
to anon, authenticated, service_role, media_worker;
