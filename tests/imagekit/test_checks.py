"""The language of the ``checks`` parameter."""

from __future__ import annotations

from typing import Any

import pytest

from dev.imagekit.checks import ChecksSyntaxError, parse_checks

SYNTAX = "400 Your request contains invalid syntax for the checks parameter."
FAILED = "400 Your request failed 'checks' validation."

FACTS = {
    "file.size": 2048,
    "file.mime": "video/mp4",
    "request.folder": "/videos/2026-11-22/14",
    "request.tags": ["t_1"],
    "request.customMetadata.brand": "acme",
}


def test_every_collected_expression_has_its_verdict(vectors: dict[str, Any]) -> None:
    cases, facts = vectors["upload_checks"]["cases"], vectors["upload_checks"]["env"]
    assert len(cases) == 24
    for case in cases:
        try:
            verdict = "accept" if parse_checks(case["checks"])(facts) else FAILED
        except ChecksSyntaxError:
            verdict = SYNTAX
        assert verdict == case["verdict"], case["checks"]


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        # AND binds more tightly than OR.
        ('"file.size" = 2048 OR "file.size" = 1 AND "file.mime" = "x"', True),
        ('("file.size" = 2048 OR "file.size" = 1) AND "file.mime" = "x"', False),
        ('(("file.size" >= "2kb"))', True),
        ('"file.size" > "1.5KB" AND "file.size" < "1 gb"', True),
        ('"request.folder" IN ["videos/2026-11-22/14/"]', True),
        ('"request.tags" NOT IN ["t_1"]', False),
        ('"request.customMetadata.brand" = "acme"', True),
        ("\"file.mime\" IN ['video/mp4']", True),
        # A text may look like a sign or a word of the language.
        ('"file.mime" NOT IN ["(", "AND"]', True),
    ],
)
def test_expressions_combine(expression: str, verdict: bool) -> None:
    assert parse_checks(expression)(FACTS) is verdict


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        ('"mediaMetadata.duration" <= 180', False),
        ('"mediaMetadata.duration" > 0', False),
        ('"mediaMetadata.videoCodec" = "h264"', False),
        ('"mediaMetadata.videoCodec" NOT = "h264"', True),
        ('"mediaMetadata.videoCodec" NOT IN ["h264"]', True),
    ],
)
def test_nothing_is_true_of_what_is_not_known(expression: str, verdict: bool) -> None:
    assert parse_checks(expression)(FACTS) is verdict


@pytest.mark.parametrize(
    "expression",
    [
        '"file.size" = 2048 OR "file.size"',
        '"file.size" = 2048 OR file.size = 1',
        '"file.size" = 2048 "file.mime" = "x"',
        '"file.size" "=" 2048',
        '"file.size" = "much"',
        '"file.size" NOT = 2048',
        '"file.size" = [2048]',
        '"file.mime" < "video"',
        '"file.mime" IN "video/mp4"',
        '"file.mime" IN []',
        '"file.mime" IN ["video/mp4" "x"]',
        '"file.mime" = video',
        '"file.mime" = 4',
        '"request.overwriteFile" = "true"',
        '"mediaMetadata.width" = "12"',
        '("file.size" = 2048',
        '"file.size" = 2048)',
        '"file.size" = 12abc',
        "NOT",
        "(" * 5000 + '"file.size" = 1' + ")" * 5000,
    ],
)
def test_a_mistake_is_found_wherever_it_is(expression: str) -> None:
    with pytest.raises(ChecksSyntaxError):
        parse_checks(expression)
