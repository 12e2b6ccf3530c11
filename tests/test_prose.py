"""The rules of the prose: a docstring begins with a verb or a noun, and its sentences are short."""

from pathlib import Path

import pytest

from tests.support.prose import MAX_WORDS, ROOT, Docstring, Fault, docstrings, faults, files, sentences

ROOMS = ("relay", "tests/support", "bench")
EXCEPTIONS: frozenset[str] = frozenset()  # faults that are better than any other wording, as `path: rule: text`


@pytest.fixture(scope="module")
def found() -> list[Docstring]:
    return [docstring for path in files(ROOMS) for docstring in docstrings(path)]


@pytest.fixture(scope="module")
def wrong(found: list[Docstring]) -> list[Fault]:
    return [fault for docstring in found for fault in faults(docstring)]


def test_each_docstring_opens_plainly_and_has_short_sentences(wrong: list[Fault]) -> None:
    shown = "\n".join(str(fault) for fault in wrong if fault.name not in EXCEPTIONS)
    assert not shown, f"python -m tests.support.prose shows these:\n{shown}"


def test_exceptions_are_few_and_needed(found: list[Docstring], wrong: list[Fault]) -> None:
    assert len(EXCEPTIONS) <= len(found) * 0.02
    assert set() == EXCEPTIONS - {fault.name for fault in wrong}


def test_every_room_that_is_checked_is_there() -> None:
    assert [] == [room for room in ROOMS if not ROOT.joinpath(room).exists()]


@pytest.mark.parametrize(
    "text",
    [
        "What a debt does next.",
        "(e) What a process holds.",
        "Return what the process holds.",
        "Tell whether somebody listens.",
        "Return the names of whoever pressed.",
        "Yield those of one person.",
        "Cancel it; it is then gone.",
        "\n\n    Who pressed.",
    ],
)
def test_an_opening_that_leans_on_a_riddle_is_found(text: str) -> None:
    assert ["opening"] == [fault.rule for fault in faults(Docstring(Path("a.py"), 1, text))]


@pytest.mark.parametrize(
    "text",
    [
        "Return the signed-in person, or None if not signed in.",
        "Return `what` as a person reads it.",
        "Return the first of the cards that somebody still waits for.",
        "",
    ],
)
def test_a_plain_opening_passes(text: str) -> None:
    assert [] == list(faults(Docstring(Path("a.py"), 1, text)))


def test_a_sentence_is_too_long_from_its_31st_word_on() -> None:
    allowed = " ".join(["word"] * MAX_WORDS) + "."
    assert [] == list(faults(Docstring(Path("a.py"), 1, f"{allowed} {allowed.capitalize()}")))
    (fault,) = faults(Docstring(Path("a.py"), 7, f"Short.\n\nOne {allowed}"))
    assert f"a.py:7: 31 words: One {allowed}" == str(fault)


def test_a_sentence_ends_with_its_paragraph_its_entry_of_a_list_and_an_address() -> None:
    text = "One line\nof two.  Next e.g. this\n\nthird\n- fourth\n- fifth\nhttps://example.com/a"
    assert ["One line\nof two.", "Next this", "third", "- fourth", "- fifth", "https://example.com/a"] == [
        sentence.strip().replace("  ", " ") for sentence in sentences(text)
    ]
