"""The measurements: a to j, and apart from them scale, which takes two minutes and needs Azurite."""

from types import MappingProxyType
from typing import Final

from bench.parts import (
    a_import,
    b_start,
    c_azure,
    d_server,
    e_memory,
    f_slow_github,
    g_pieces,
    h_kept,
    i_package,
    j_formats,
    scale,
)

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
        "j": j_formats.measure,
    }
)
APART: Final = MappingProxyType({"scale": scale.measure})
