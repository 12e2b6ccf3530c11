"""One fault each: the check that finds it, its status, and parts of its detail and cure."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from pytest_httpx import HTTPXMock

from tests.doctor.examining import Answers, answering, examined, found, statuses, subject


class Fault(NamedTuple):
    """A fault, and all that is spoilt to have it: answers of the web, and settings."""

    check: str
    status: str
    detail: str
    cure: str
    answers: Answers = MappingProxyType({})
    environ: Mapping[str, str] = MappingProxyType({})


def answer(status: int = 200, json: Any = None, **more: Any) -> dict[str, Any]:
    """Return an answer of the web, with JSON unless a text is given."""
    body = {} if "text" in more else {"json": {} if json is None else json}
    return {"status_code": status, **body, **more}


def by_fault(faults: Sequence[Fault]) -> pytest.MarkDecorator:
    """Run a test for each fault."""
    return pytest.mark.parametrize("fault", faults, ids=[f"{each.check}: {each.detail}" for each in faults])


def check_fault(fault: Fault, folder: Path, httpx_mock: HTTPXMock) -> None:
    """Check that the fault is found by its check, with its cure, and by no other check."""
    answering(httpx_mock, fault.answers)
    report = examined(subject(folder, **fault.environ))
    told = [(detail, cure) for status, detail, cure in found(report, fault.check) if status == fault.status]
    assert [True] == [fault.detail in detail and fault.cure in cure for detail, cure in told][:1], told
    others = {name for name, found in statuses(report).items() if name != fault.check and "failed" in found}
    assert set() == others
    assert ("failed" == fault.status) == ("failed" == report.status)
