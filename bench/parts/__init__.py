"""The measurements, a to i."""

from types import MappingProxyType
from typing import Final

from bench.parts import a_import, b_start, c_azure, d_server, e_memory, f_slow_github, g_pieces, h_kept, i_package

PARTS: Final = MappingProxyType(
    {
        "a": a_import.measure,
        "b": b_start.measure,
        "c": c_azure.measure,
        "d": d_server.measure,
        "e": e_memory.measure,
        "f": f_slow_github.measure,
        "g": g_pieces.measure,
        "h": h_kept.measure,
        "i": i_package.measure,
    }
)
