"""Every mark that is drawn above or below another counts as one, also those nobody thought of."""

import unicodedata

from tests.support.sessions import Connect

PILING = (
    "COMBINING", "HEBREW", "ARABIC", "CYRILLIC", "SYRIAC", "THAANA", "NKO", "THAI", "LAO",
    "TIBETAN", "VARIATION SELECTOR", "IDEOGRAPHIC", "HANGUL", "MONGOLIAN FREE",
)  # fmt: skip
# The scripts beyond the first plane are the learned's.
BEYOND = range(0x10000, 0xE0000)


def marks() -> list[str]:
    return [
        character
        for code in range(0x110000)
        if code not in BEYOND
        and unicodedata.category(character := chr(code)) in {"Mn", "Me"}
        and unicodedata.name(character).startswith(PILING)
    ]


def test_no_mark_can_be_piled_up(connect: Connect) -> None:
    passed = connect().execute(
        "select m from unnest(%s::text[]) as m where private.is_visible_text('x' || repeat(m, 9))",
        [marks()],
    )
    assert [unicodedata.name(mark) for (mark,) in passed] == []


def test_a_pile_that_a_language_has_is_none(connect: Connect) -> None:
    refused = connect().execute(
        "select m from unnest(%s::text[]) as m where not private.is_visible_text('x' || m)",
        [[mark * 5 for mark in marks()]],
    )
    assert refused.fetchall() == []
