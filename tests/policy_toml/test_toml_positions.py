import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from relay.policy_toml.toml_positions import Path, locate

TEXT = '''top = ["a"] # [not.a] = table
[people]
ada = { name = "[x]", entra = "= [" }
 lin.name = 'Lin # no comment'
[people."mary \\u0061"]  # quoted
long = """
[no]
key = 1 \\"""
"""""
literal = \'\'\'
[[no]]\'\'\'
list = [ # [
 "a", ["key = 3"],
]
last = 2
[[rule]]
a = 1
[[rule.stage]]
  name = 'q'
[[ rule . stage ]]
at = 1979-05-27 07:32:00
[[rule]]
[rule.nested]
"a.b" = 1.5
[[rule.stage]]
name = "x"'''

PLACES: dict[Path, tuple[int, int]] = {
    ("top",): (1, 1),
    ("people",): (2, 2),
    ("people", "ada"): (3, 1),
    ("people", "lin"): (4, 2),
    ("people", "lin", "name"): (4, 6),
    ("people", "mary a"): (5, 9),
    ("people", "mary a", "long"): (6, 1),
    ("people", "mary a", "literal"): (10, 1),
    ("people", "mary a", "list"): (12, 1),
    ("people", "mary a", "last"): (15, 1),
    ("rule",): (16, 3),
    ("rule", 0): (16, 3),
    ("rule", 0, "a"): (17, 1),
    ("rule", 0, "stage"): (18, 8),
    ("rule", 0, "stage", 0): (18, 8),
    ("rule", 0, "stage", 0, "name"): (19, 3),
    ("rule", 0, "stage", 1): (20, 11),
    ("rule", 0, "stage", 1, "at"): (21, 1),
    ("rule", 1): (22, 3),
    ("rule", 1, "nested"): (23, 7),
    ("rule", 1, "nested", "a.b"): (24, 1),
    ("rule", 1, "stage"): (25, 8),
    ("rule", 1, "stage", 0): (25, 8),
    ("rule", 1, "stage", 0, "name"): (26, 1),
}


def test_every_header_and_key_has_its_place() -> None:
    assert tomllib.loads(TEXT)
    assert PLACES == locate(TEXT).found


def test_line_ends_of_windows_change_no_place() -> None:
    assert PLACES == locate(TEXT.replace("\n", "\r\n")).found


def test_what_stands_inside_a_value_has_the_place_of_its_key() -> None:
    assert (3, 1) == locate(TEXT).of(("people", "ada", "name"))
    assert (12, 1) == locate(TEXT).of(("people", "mary a", "list", 1, 0))


def test_what_is_missing_has_the_place_of_its_table() -> None:
    assert (20, 11) == locate(TEXT).of(("rule", 0, "stage", 1, "name"))
    assert (0, 0) == locate(TEXT).of(("groups",))
    assert (0, 0) == locate("").of(())


def test_a_key_that_no_parser_reads_stands_as_it_is_written() -> None:
    assert {('"\\q"',): (2, 1)} == locate('\n"\\q" = 1').found


@given(at=st.integers(0, len(TEXT)), size=st.integers(0, 3), instead=st.text(alphabet="[]{}=\"'\\\n,.#a", max_size=3))
@settings(deadline=None, max_examples=300)
def test_a_spoiled_text_is_no_error_and_an_accepted_one_has_its_places(at: int, size: int, instead: str) -> None:
    text = TEXT[:at] + instead + TEXT[at + size :]
    places = locate(text)
    try:
        document = tomllib.loads(text)
    except ValueError:
        return
    assert set(document) == {path[0] for path in places.found}
