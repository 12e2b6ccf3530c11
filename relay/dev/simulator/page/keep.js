// Draws a part of the page anew and leaves in it what a person did: typing, focus, what is open, where it was scrolled.

const FIELDS = "input[data-key], textarea[data-key], select[data-key]";

/** Put `children` in the place of what `root` holds. Elements with the same data-key before and after are the same. */
export function redraw(root, children) {
  const kept = remember(root);
  root.replaceChildren(...children);
  const found = new Map([...root.querySelectorAll("[data-key]")].map((each) => [each.dataset.key, each]));
  for (const [key, was] of kept.elements) {
    const now = found.get(key);
    if (now && now.tagName === was.tag) restore(now, was);
  }
  if (kept.focus && found.has(kept.focus.key)) refocus(found.get(kept.focus.key), kept.focus);
  return !kept.focus || found.has(kept.focus.key);
}

function remember(root) {
  const elements = new Map();
  for (const each of root.querySelectorAll("[data-key]")) {
    const field = each.matches(FIELDS);
    elements.set(each.dataset.key, {
      tag: each.tagName,
      open: each.open,
      expanded: each.getAttribute("aria-expanded"),
      value: field ? each.value : undefined,
      checked: each.checked,
      scroll: each.scrollTop,
    });
  }
  const active = root.contains(document.activeElement) ? document.activeElement : null;
  const named = active?.closest("[data-key]");
  if (!active) return { elements };
  return { elements, focus: { key: named?.dataset.key, summary: active.tagName === "SUMMARY", ...selection(active) } };
}

function selection(field) {
  return field.matches("textarea, input[type=text]") ? { from: field.selectionStart, to: field.selectionEnd } : {};
}

function restore(now, was) {
  if (was.open !== undefined) now.open = was.open;
  if (was.value !== undefined && now.type !== "checkbox" && now.type !== "radio") now.value = was.value;
  if (was.checked !== undefined) now.checked = was.checked;
  if (was.expanded === "true") {
    now.setAttribute("aria-expanded", "true");
    document.getElementById(now.getAttribute("aria-controls"))?.removeAttribute("hidden");
  }
  if (was.scroll) now.scrollTop = was.scroll;
}

function refocus(element, { summary, from, to }) {
  const target = summary ? element.querySelector("summary") : element;
  target?.focus({ preventScroll: true });
  if (from !== undefined) target?.setSelectionRange?.(from, to);
}
