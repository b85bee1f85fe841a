create or replace function private.clean_text(value text)
returns text
language sql
immutable
parallel safe
-- Line ends become line feeds. Marks that reverse the direction of writing go: they
-- make a text show something else than it says. NFC comes last, for what stands
-- together only now.
return normalize(
    nullif(
        regexp_replace(
            regexp_replace(
                replace(clean_text.value, e'\r\n', e'\n'),
                '[\u202A-\u202E\u2066-\u2069]', '', 'g'
            ),
            '^[\s\u00A0\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF]+'
            '|[\s\u00A0\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF]+$', '', 'g'
        ),
        ''
    ),
    nfc
);

comment on function private.clean_text(text) is
'A text as it is stored: normalised to NFC, trimmed, without direction overrides. '
'Null when nothing is left.';

revoke all on function private.clean_text(text)
from public, anon, authenticated, service_role;
grant execute on function private.clean_text(text)
to anon, authenticated, service_role, media_worker;
