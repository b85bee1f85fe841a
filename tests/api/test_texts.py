"""What people write is only text; what nobody could see, or read, is refused at both doors."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.conftest import MakeVideo
from tests.api.people import Person
from tests.api.refusals import Unchanged, refused_cleanly


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "'; drop table videos; --", "%00"])
def test_markup_and_sql_are_only_text(
    text: str, bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    answer = bob.post(f"/api/videos/{make_video(ada)}/comment", json={"text": text})
    assert answer.json()["data"]["text"] == text
    assert answer.headers["x-content-type-options"] == "nosniff"


# The same list through both doors: the routes, and functions as the Supabase client calls them.

Write = Callable[[Person, str, Any], httpx.Response]
COMMENT: dict[str, Write] = {
    "/api": lambda p, v, text: p.post(f"/api/videos/{v}/comment", json={"text": text}),
    "rpc": lambda p, v, text: p.rpc("add_video_comment", video_id=v, text=text),
}
TITLE: dict[str, Write] = {
    "/api": lambda p, v, text: p.patch(f"/api/videos/{v}", json={"title": text}),
    "rpc": lambda p, v, text: p.rpc("update_video", video_id=v, title=text),
}
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
INVISIBLE = {
    "nothing": "",
    "spaces": "   ",
    "line feeds": "\n\n\n",
    "carriage returns": "\r\r",
    "tabs": "\t\t",
    "no-break spaces": "\u00a0\u00a0",
    "an ideographic space": "\u3000",
    "zero-width spaces": "\u200b\u200b",
    "joiners": "\u200d\u200d",
    "marks of direction": "\u200e\u200f",
    "isolates": "\u2066\u2069",
    "a byte order mark": "\ufeff",
    "blank Braille": "\u2800",
    "Hangul fillers": "\u115f\u3164",
}
TOO_LONG = {
    "1001 characters": "x" * 1001,
    "1001 emoji": "\U0001f600" * 1001,
    "1000 families of seven code points": FAMILY * 1000,
    "60 000 characters": "x" * 60_000,
}


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_a_comment_that_nobody_would_see_is_refused_at_both_doors(
    text: str, bob: Person, ada: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> None:
    video_id = make_video(ada)
    unchanged = Unchanged(admin)
    slugs = {refused_cleanly(write(bob, video_id, text)) for write in COMMENT.values()}
    assert len(slugs) == 1
    assert slugs <= {"comment_empty", "comment_invalid"}
    unchanged.check()


@pytest.mark.parametrize("text", TOO_LONG.values(), ids=TOO_LONG.keys())
def test_what_is_too_long_is_refused_at_both_doors(
    text: str, bob: Person, ada: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> None:
    video_id = make_video(ada)
    unchanged = Unchanged(admin)
    for write in COMMENT.values():
        refused_cleanly(write(bob, video_id, text), slug="comment_too_long")
    for write in TITLE.values():
        refused_cleanly(write(ada, video_id, text), slug="title_too_long")
    unchanged.check()


@pytest.mark.parametrize("door", COMMENT)
@pytest.mark.parametrize(
    "text",
    [
        "'; drop table videos; --",
        '" or 1=1',
        "$$; select 1; $$",
        "%27 or %s %n %d",
        "\\'; \\",
        "\u02bc\uff07 or 1=1",
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        "\u0645\u0631\u062d\u0628\u0627",
        FAMILY,
        "x" * 1000,
        "null",
        "{}",
    ],
)
def test_what_is_only_text_comes_back_as_it_was(
    door: str, text: str, bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    answer = COMMENT[door](bob, make_video(ada), text)
    assert answer.is_success, answer.text
    body = answer.json()
    assert body.get("data", body)["text"] == text


def test_an_e_with_an_accent_is_one_letter_at_both_doors(
    bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    for write in COMMENT.values():
        body = write(bob, video_id, "Cafe\u0301").json()
        assert body.get("data", body)["text"] == "Caf\u00e9"


DISTURBING = {
    "six accents on a letter": "Z" + "\u0316" * 6,
    "Zalgo": "H\u0353\u0349\u0354\u0323\u0308\u030a\u0310 e\u0330" + "\u0310\u0325" * 20,
    "a tower of Thai": "\u0e01" + "\u0e49" * 20,
    "a tower with joiners": "a" + "\u0316\u0317\u200d" * 60,
    "a flag with a text behind it": "\U0001f3f4" + "\U000e0061" * 50,
}
SPOKEN = {
    "Hebrew": "בְּרֵאשִׁ֖ית בָּרָ֣א \u200eX\u200f",
    "Arabic": "بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ",
    "Persian": "می\u200cخواهم",  # noqa: RUF001
    "Hindi": "क्षत्रिय संस्कृति में हिन्दी",
    "Thai": "น้ำใจที่นี่ก็ได้",
    "Burmese": "ကျွန်ုပ်တို့",
    "Tibetan": "ཧྐྵྨླྺྼྻྂ ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ",
    "Vietnamese": "Tiếng Việt nghễ ngượng",
    "families": FAMILY + "👩🏽\u200d❤\ufe0f\u200d💋\u200d👨🏿",
    "Scotland": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "flags": "🇳🇴🏳\ufe0f\u200d🌈1\ufe0f\u20e3",
}
HIDING = {
    "a direction turned round": ("a\u202ecod.exe", "acod.exe"),
    "a direction that does not end": ("a\u202b\u2067b", "ab"),
    "isolates": ("a\u2066b\u2069c", "abc"),
    "a text in tags": ("hi\U000e0068\U000e0069", "hi"),
    "an annotation": ("a\ufff9b\ufffac\ufffb", "abc"),
}


@pytest.mark.parametrize("text", DISTURBING.values(), ids=DISTURBING.keys())
def test_marks_that_run_over_the_lines_of_others_are_refused_at_both_doors(
    text: str, bob: Person, ada: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> None:
    video_id = make_video(ada)
    unchanged = Unchanged(admin)
    for write in COMMENT.values():
        refused_cleanly(write(bob, video_id, text), slug="comment_invalid")
    for write in TITLE.values():
        refused_cleanly(write(ada, video_id, text), slug="title_invalid")
    refused_cleanly(
        ada.rpc("update_video", video_id=video_id, description=text), slug="description_invalid"
    )
    refused_cleanly(bob.rpc("report_video", video_id=video_id, reason=text), slug="reason_invalid")
    refused_cleanly(bob.rpc("update_my_profile", username=text), slug="username_invalid")
    unchanged.check()


@pytest.mark.parametrize("text", SPOKEN.values(), ids=SPOKEN.keys())
def test_every_language_is_taken_at_both_doors(
    text: str, bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    for writer, field, doors in ((bob, "text", COMMENT), (ada, "title", TITLE)):
        for write in doors.values():
            answer = write(writer, video_id, text)
            assert answer.is_success, answer.text
            body = answer.json()
            assert body.get("data", body)[field] == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(("text", "stored"), HIDING.values(), ids=HIDING.keys())
def test_what_steers_how_others_are_shown_is_taken_out_at_both_doors(
    text: str, stored: str, bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    for writer, field, doors in ((bob, "text", COMMENT), (ada, "title", TITLE)):
        for write in doors.values():
            body = write(writer, video_id, text).json()
            assert body.get("data", body)[field] == stored


@pytest.mark.parametrize(
    "name",
    ["ab", "x" * 31, "a b", "a/b", "\uff41\uff42\uff43", "\u0430dam", "a\u200bda", "a\u202eda",
     "<b>", "a\n", "a'--", "\u00e4da"],
)  # fmt: skip
def test_a_name_that_could_pass_for_another_is_refused(
    name: str, bob: Person, admin: psycopg.Connection[Any]
) -> None:
    unchanged = Unchanged(admin)
    refused_cleanly(bob.rpc("update_my_profile", username=name), slug="username_invalid")
    unchanged.check()
