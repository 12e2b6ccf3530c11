"""The relay that is examined from outside: its address, and the version that is expected there."""

from dataclasses import dataclass, field

from relay.doctor.once import Once
from relay.doctor.web import Web
from relay.net.call import HttpResponse


@dataclass(frozen=True, slots=True)
class Outside:
    """The relay at `url`, an origin. `expected` is a version, or empty. `health` is asked for once."""

    url: str
    expected: str
    web: Web
    health: Once[HttpResponse] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "health", Once(lambda: self.web.ask("GET", f"{self.url}/api/health")))
