"""A format is read by its grammar, and each fault of one is told with its cure."""

import pytest

from relay.formats.grammar import MAX_FORMAT, Format, FormatError, Placeholder, Word, read_format
from relay.formats.template import MAX_TEMPLATE, fill, names_in


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "1 to 300 characters", "several formats"),
        ("  ", "1 to 300 characters", "several formats"),
        ("x" * (MAX_FORMAT + 1), "1 to 300 characters", "several formats"),
        ("{{app}} deploy", "begins with a word", "put a word before"),
        ("[deploy] {{app}}", "begins with a word", "put a word before"),
        ("deploy {{app", "{{ without }}", "{{name}}"),
        ("deploy app}}", "}} without {{", "{{name}}"),
        ("deploy {app}", "a brace stands alone", "two braces"),
        ("deploy a{b", "a brace stands alone", "two braces"),
        ("deploy x}", "a brace stands alone", "two braces"),
        ("deploy {{a{b}}", "{{ without }}", "{{name}}"),
        ("deploy {{app}}@{{version}}", "inside a word", "a blank before {{"),
        ("deploy v{{app}}", "inside a word", "a blank before {{"),
        ("deploy {{app}}{{b}}", "inside a word", "a blank before {{"),
        ("deploy {{App}}", "name of a placeholder", "a-z"),
        ("deploy {{...}}", "name of a placeholder", "a-z"),
        ("deploy {{" + "a" * 41 + "}}", "name of a placeholder", "40 characters"),
        ("deploy {{app=}}", "the default of app is empty", "write it"),
        ("deploy {{app=" + "x" * 201 + "}}", "the default of app is empty, too long", "write it"),
        ("deploy {{app=a\nb}}", "the default of app", "write it"),
        ("deploy {{app}} {{app}}", "app stands twice", "a name of its own"),
        ("deploy {{a}} [to {{a}}]", "a stands twice", "a name of its own"),
        ("deploy {{a...}} {{b}}", "the rest a stands before the placeholder b", "after {{name...}}"),
        ("deploy {{a...}} [{{b}}]", "the rest a stands before the placeholder b", "after {{name...}}"),
        ("deploy [{{a...}}] {{b}}", "the rest a stands before the placeholder b", "after {{name...}}"),
        ("deploy {{a...}} [to x] {{b}}", "the rest a stands before the placeholder b", "after {{name...}}"),
        ("deploy [to {{a}} [now]]", "a part stands within another part", "one after the other"),
        ("deploy [to {{a}}", "a part is not closed", "write ]"),
        ("deploy to] x", "] without [", "write ["),
        ("deploy []", "a part is empty", "between [ and ]"),
        ("deploy [ ]", "a part is empty", "between [ and ]"),
        ("deploy[now]", "a part touches a word", "a blank before ["),
        ("deploy [now]ish", "a part touches a word", "a blank after ]"),
        ("(run|execute) {{cmd}}", "( ) | \\ ^ $", "no regular expression"),
        ("deploy ^x$", "( ) | \\ ^ $", "no regular expression"),
        ('say "x"', "begins with a quote", "leave the quotes out"),
    ],
)
def test_a_fault_is_told_with_its_cure(text: str, message: str, hint: str) -> None:
    with pytest.raises(FormatError) as found:
        read_format(text)
    assert message in str(found.value)
    assert hint in found.value.hint


def test_a_format_has_its_items_in_order() -> None:
    made = read_format(" Deploy {{ app }} {{env = my env}} {{why...}} ")
    expected = (Word("deploy"), Placeholder("app"), Placeholder("env", "my env"), Placeholder("why", rest=True))
    assert Format("Deploy {{ app }} {{env = my env}} {{why...}}", expected) == made


@pytest.mark.parametrize(
    "text",
    ["a {{b}}[c]{{d}}", "a [{{b}}][c]", "a [b][{{c}} d]", "a {{b...}} [c {{d}}] e", "a {{b...}} [c] [d]", "help me"],
)
def test_a_placeholder_and_a_part_may_touch_the_brackets_of_a_part(text: str) -> None:
    assert read_format(text).text == text


def test_formats_that_differ_in_blanks_and_capitals_alone_have_one_key() -> None:
    one, other = (
        read_format("Deploy  {{app}} [TO {{env = x}}] {{why...}}"),
        read_format("deploy {{ app }} [to {{env=x}}] {{why...}}"),
    )
    assert one.key == other.key
    keys = {
        read_format(text).key for text in ("a [b]", "a b", "a [b] c", "a [b c]", "a {{b}}", "a {{b...}}", "a {{b=1}}")
    }
    assert 7 == len(keys)


def test_a_name_always_has_a_value_outside_of_parts_or_by_its_default() -> None:
    assert {"a", "c", "d"} == read_format("x {{a}} [to {{b}} {{c=1}}] then {{d}}").always


@pytest.mark.parametrize("template", ["{{}}", "{{a", "a}}", "{{A}}", "{{a b}}", "{{a=1}}", "{{a...}}"])
def test_braces_without_a_name_are_a_fault_of_a_template(template: str) -> None:
    with pytest.raises(FormatError, match="stands without a name"):
        names_in(template)


def test_a_template_is_filled_once() -> None:
    assert ("a", "b") == names_in("x/{{a}} {{ b }}")
    assert "x/{{b}} 2" == fill("x/{{a}} {{ b }}", {"a": "{{b}}", "b": "2"})
    with pytest.raises(FormatError, match="at most 1,000 characters"):
        names_in("x" * (MAX_TEMPLATE + 1))
