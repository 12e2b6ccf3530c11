import json

from bench.__main__ import BEGIN, END, PAGE, with_table
from bench.figures import Line, as_json, as_markdown, as_text, compare, percentile

FASTER = Line("c", "p50", "ms", 0.6, 1.2, goal=0.8)
SLOWER = Line("c", "clicks", "/s", 1_500.0, 1_000.0, goal=2, at_least=True)
ALONE = Line("e", "peak", "MB", 61.5)


def test_a_line_tells_its_ratio_and_whether_its_goal_is_reached() -> None:
    assert [0.5, 1.5, None] == [line.ratio for line in (FASTER, SLOWER, ALONE)]
    assert [True, False, None] == [line.reached for line in (FASTER, SLOWER, ALONE)]


def test_the_table_shows_both_sides_the_ratio_and_the_goal() -> None:
    head, *rows = as_text([FASTER, SLOWER, ALONE]).splitlines()
    assert ["what", "relay", "ordinary", "ratio", "goal"] == head.split()
    assert ["0.60", "ms", "1.20", "ms", "0.50x", "at", "most", "0.8x", "reached"] == rows[0].split()[2:]
    assert ["1,500", "/s", "1,000", "/s", "1.50x", "at", "least", "2x", "not", "reached"] == rows[1].split()[2:]
    assert ["61.50", "MB"] == rows[2].split()[2:]


def test_the_table_of_a_page_has_a_cell_for_each_column() -> None:
    assert {8} == {row.count("|") for row in as_markdown([FASTER, SLOWER, ALONE]).splitlines()}


def test_the_json_holds_what_the_table_shows() -> None:
    (found,) = json.loads(json.dumps(as_json([FASTER])))
    assert {"part": "c", "relay": 0.6, "ordinary": 1.2, "ratio": 0.5, "reached": True}.items() <= found.items()


def test_a_comparison_needs_no_peer() -> None:
    assert Line("g", "policy", "us", 24.0) == compare("g", "policy", "us", [24.0])
    assert Line("g", "token", "us", 24.0, 48.0, 2.0, at_least=True) == compare(
        "g", "token", "us", [24.0, 48.0], goal=2.0, at_least=True
    )


def test_the_99th_percentile_of_a_hundred_is_the_worst_but_none() -> None:
    assert 99.0 == percentile([float(number) for number in range(100)], 0.99)
    assert 7.0 == percentile([7.0], 0.99)


def test_the_page_has_its_table_between_the_markers_and_writing_it_again_changes_nothing_else() -> None:
    page = PAGE.read_text("utf-8")
    assert 1 == page.count(BEGIN) == page.count(END)
    once = with_table(page, "| new |")
    assert once == with_table(with_table(page, "| other |"), "| new |")
    assert page.partition(BEGIN)[0] == once.partition(BEGIN)[0]
    assert page.partition(END)[2] == once.partition(END)[2]
