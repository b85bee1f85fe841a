"""What the figures pass through: percentiles, logs, goals, the results' file, the picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench import feed, picture, results
from bench.goals import Goal, at_least, at_most, exit_code
from bench.pgbench import Median, Run, Transaction, percentile, read_log
from bench.retention import overlapping
from bench.rounds import interleaved
from bench.tables import figure, ratio, table

WHITE, DARK = "#ffffff", "#0d1117"


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        (range(1, 101), 50, 50),
        (range(1, 101), 99, 99),
        (range(1, 101), 100, 100),
        ([1, 2, 3], 50, 2),
        ([1, 2, 3], 99, 3),
        ([7], 1, 7),
        ([], 99, 0),
    ],
)
def test_a_percentile_is_one_of_the_values(
    values: list[float], percent: float, expected: float
) -> None:
    assert percentile(values, percent) == expected


def test_a_log_is_read_with_what_failed_and_without_a_torn_line() -> None:
    found, failures = read_log(
        "0 1 1500 0 1700000000 250000\n"
        "1 1 deadlock 0 1700000001 0\n"
        "0 2 2500 0 1700000002 500000 12\n"
        "0 3 99"
    )
    assert found == [Transaction(1700000000.25, 1.5), Transaction(1700000002.5, 2.5)]
    assert failures == {"deadlock": 1}


def run_of(*milliseconds: float, per_second: float = 1) -> Run:
    return Run([Transaction(0, each) for each in milliseconds], per_second, {})


def test_the_median_of_runs_is_taken_figure_by_figure() -> None:
    runs = [run_of(1, 1, 50, per_second=9), run_of(2, 2, 2, per_second=5), run_of(3, 3, 40)]
    assert Median.of(runs) == Median(per_second=5, p50=2, p99=40)


def test_what_reaches_into_a_time_counts_and_what_is_over_does_not() -> None:
    run = Run(
        [
            Transaction(9.9, 50),  # over before
            Transaction(10.1, 300),  # began before
            Transaction(15, 20),
            Transaction(20.5, 700),  # ended after
            Transaction(21, 500),  # began after
        ],
        1,
        {},
    )
    assert overlapping(run, 10, 20) == [20, 300, 700]


@pytest.mark.parametrize(
    ("goal", "is_met"),
    [
        (at_least("speed", 20, 20), True),
        (at_least("speed", 19.9, 20), False),
        (at_most("wait", 150, 150), True),
        (at_most("wait", 151, 150), False),
    ],
)
def test_a_goal_is_met_up_to_its_limit(goal: Goal, is_met: bool) -> None:
    assert goal.is_met is is_met
    assert str(goal).startswith("met: " if is_met else "MISSED: ")
    assert exit_code([at_most("always", 0, 1), goal]) == (0 if is_met else 1)


def test_everything_takes_turns_from_either_end() -> None:
    assert list(interleaved("abc", 3)) == [*"abc", *"cba", *"abc"]


def test_a_bench_replaces_its_own_section_and_keeps_the_others(tmp_path: Path) -> None:
    file = tmp_path / "results.md"
    results.keep("media", "## media\n\nold", file)
    results.keep("counters", "## counters\n\n### One hot video\n\nfirst", file)
    results.keep("media", "## media\n\nnew\n", file)
    text = file.read_text()
    assert results.sections_of(text) == {
        "counters": "## counters\n\n### One hot video\n\nfirst",
        "media": "## media\n\nnew",
    }
    assert text.startswith("# Results\n")
    assert text.index("## counters") < text.index("## media")
    assert text.endswith("new\n")


def test_a_report_says_when_by_what_and_whether_it_kept_its_word(tmp_path: Path) -> None:
    file = tmp_path / "results.md"
    report = results.Report("feed", "make bench-feed", "a box", "words", [at_most("x", 2, 1)])
    assert results.finish(report, file) == 1
    text = file.read_text()
    assert re.search(r"^`make bench-feed`, \d{4}-\d\d-\d\d, version \S+, a box$", text, re.M)
    assert "- MISSED: x: 2 (goal: at most 1)" in text


def test_tables_have_as_many_rules_as_columns() -> None:
    assert table(["way", "n"], [["a", "1"]]) == "| way | n |\n|---|---:|\n| a | 1 |"
    assert [figure(n) for n in (1234.5, 56.78, 0.1234)] == ["1,234", "56.8", "0.12"]
    assert ratio(6, 2) == "3.00"
    assert ratio(6, 0) == "-"


def test_pages_are_flat_only_when_the_slowest_is_near_the_fastest() -> None:
    def measurement(deep: float, owner: float) -> feed.Measurement:
        return feed.Measurement(
            {
                (10, 1, feed.BY_CURSOR): Median(1, 1.0, 1.0),
                (10, 9, feed.BY_CURSOR): Median(1, deep, 1.0),
                (10, 1, feed.AS_OWNER): Median(1, owner, 1.0),
                (10, 9, feed.AS_OWNER): Median(1, deep, 1.0),
            }
        )

    assert [goal.is_met for goal in feed.goals(measurement(1.2, 1.0))] == [True, True]
    assert [goal.is_met for goal in feed.goals(measurement(1.4, 0.7))] == [False, False]


CURVES = {"ours": {1: 900.0, 8: 3000.0, 64: 4000.0}, "theirs": {1: 500.0, 8: 400.0, 64: 90.0}}


def test_the_same_figures_make_the_same_picture(tmp_path: Path) -> None:
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    picture.draw(CURVES, first)
    picture.draw(CURVES, second)
    assert first.read_bytes() == second.read_bytes()
    text = first.read_text()
    assert all(word in text for word in ("ours", "theirs", "likes a second", "64"))


def test_the_picture_can_be_read_on_white_and_on_black(tmp_path: Path) -> None:
    file = tmp_path / "picture.svg"
    picture.draw(CURVES, file)
    colours = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", file.read_text()))
    assert {picture.INK, *picture.COLOURS[:2]} <= colours
    for colour in colours:
        assert min(contrast(colour, WHITE), contrast(colour, DARK)) >= 3, colour


def contrast(one: str, other: str) -> float:
    """The ratio that WCAG 2 asks to be at least 3 for large text and lines."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
