"""Lines of the doctor."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: its status, the observation as `detail`, and the operator's next step as `cure`."""

    status: Literal["ok", "warning", "failed"]
    detail: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A check that could not be made, and the reason."""

    because: str
