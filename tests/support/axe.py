"""Complaints of axe-core about a page, with its best practices, in the light scheme and in the dark one."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import pytest

from tests.support.left_out import leave_out

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SPEC: Final = find_spec("axe_playwright_python")
if _SPEC is None or _SPEC.origin is None:
    leave_out("axe-playwright-python, which brings axe-core, is missing: axe did not look at the pages")
_SCRIPT: Final = Path(str(_SPEC.origin)).with_name("axe.min.js").read_text("utf-8")

# A text takes 2 ms, and a page has thousands. Texts that look the same have the same contrast: the same place among the
# elements, the same letters, and the same backgrounds behind them. So axe judges one of each look, and all where it
# cannot tell.
_CONTRAST: Final = """
async () => {
  const known = new Map();
  const look = (each) => {
    if (!each) return "";
    if (!known.has(each)) {
      const style = getComputedStyle(each);
      known.set(each, [
        look(each.parentElement), each.tagName, each.getAttribute("class"), style.color, style.backgroundColor,
        style.backgroundImage, style.backgroundClip, style.fontSize, style.fontWeight, style.textShadow,
        style.webkitTextStroke, style.webkitTextFillColor, style.opacity, style.filter, style.mixBlendMode,
        style.position, style.zIndex, style.display, style.visibility, style.clipPath,
      ].join());
    }
    return known.get(each);
  };
  const judge = async (include) =>
    include.length ? axe.run({ include }, { runOnly: ["color-contrast"], elementRef: true }) : { violations: [] };
  axe.setup(document);
  const rule = axe.utils.getRule("color-contrast");
  const judged = [...document.body.querySelectorAll("*")].filter((each) => {
    const node = axe.utils.getNodeFromTree(each);
    return node && rule.matches(each, node);
  });
  axe.teardown();
  const looks = Map.groupBy(judged, look);
  const first = await judge([...looks.values()].map(([each]) => each));
  const unclear = first.incomplete?.flatMap((each) => each.nodes) ?? [];
  const others = unclear.flatMap(({ element }) => (looks.get(look(element)) ?? []).slice(1));
  const found = [...first.violations, ...(await judge(others)).violations];
  return { violations: found.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ element, ...said }) => said) })) };
}
"""
_WHOLE: Final = "() => axe.run(document, { resultTypes: ['violations'] })"
_WITHOUT_CONTRAST: Final = """
() => axe.run(document, { rules: { "color-contrast": { enabled: false } }, resultTypes: ["violations"] })
"""
_LINKS: Final = "() => axe.run(document, { runOnly: ['link-in-text-block'], resultTypes: ['violations'] })"
EACH_LOOK_AND_EVERY_TEXT: Final = pytest.mark.parametrize(
    "whole", [False, pytest.param(True, marks=pytest.mark.full)], ids=["each-look", "every-text"]
)


def looked_at(page: "Page", *, whole: bool = False) -> list[str]:
    """Return the complaints of axe-core. Its rules of colour look at the page in both schemes; if `whole`, all do."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_SCRIPT)
    if whole:
        return _said(page, "light", _WHOLE) + _said(page, "dark", _WHOLE)
    return _said(page, "light", _WITHOUT_CONTRAST, _CONTRAST) + _said(page, "dark", _LINKS, _CONTRAST)


def _said(page: "Page", scheme: Literal["light", "dark"], *runs: str) -> list[str]:
    page.emulate_media(color_scheme=scheme)
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished)).then(() => {})")
    return [
        f"{page.url} {scheme} {each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for run in runs
        for each in page.evaluate(run)["violations"]
        for node in each["nodes"]
    ]
