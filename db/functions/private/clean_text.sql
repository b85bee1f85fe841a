create or replace function private.clean_text(value text)
returns text
language sql
immutable
parallel safe
-- Line ends become line feeds. What steers how other characters are shown goes: it has
-- a text show something else than it says, and turns the rest of a page with it
-- (directions), or hides a text in it (annotations; tags, but for those that make a
-- black flag Scotland's). NFC comes last, for what stands together only now.
return normalize(
    nullif(
        regexp_replace(
            regexp_replace(
                replace(clean_text.value, e'\r\n', e'\n'),
                '[\u202A-\u202E\u2066-\u206F\uFFF9-\uFFFB]'
                '|(?<![\U0001F3F4\U000E0000-\U000E007F])[\U000E0000-\U000E007F]+',
                '',
                'g'
            ),
            '^[\s\u00A0\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF]+'
            '|[\s\u00A0\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF]+$', '', 'g'
        ),
        ''
    ),
    nfc
);

comment on function private.clean_text(text) is
'A text as it is stored: normalised to NFC, trimmed, without direction overrides, '
'annotations and tags. Null when nothing is left.';

revoke all on function private.clean_text(text)
from public, anon, authenticated, service_role;
grant execute on function private.clean_text(text)
to anon, authenticated, service_role, media_worker;
