// Draws JSON with its kinds apart, and one part of it marked so that it is found at a glance.

import { node } from "./dom.js";

const STEP = 2;
const LONG = 90;

/** Return <pre> of `value`, a line of it an element; the entry `marked` of any object in it stands out. */
export function json(value, { marked = "", label = "JSON" } = {}) {
  const made = node("pre", "json");
  made.tabIndex = 0;
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", label);
  write(made, [], value, { depth: 0, end: "", marked });
  return made;
}

/** Write `value` after `before`, what stands on its first line already, and `end` after it. */
function write(into, before, value, { depth, end, marked }) {
  const entries = value === null || typeof value !== "object" ? [] : Object.entries(value);
  if (!entries.length) {
    line(into, depth, ...before, leaf(value), end);
    return;
  }
  const list = Array.isArray(value);
  line(into, depth, ...before, list ? "[" : "{");
  for (const [index, [key, each]] of entries.entries()) {
    const named = list ? [] : [node("span", "key", JSON.stringify(key)), ": "];
    const inside = !list && marked && key === marked ? into.appendChild(node("span", "marked")) : into;
    write(inside, named, each, { depth: depth + 1, end: index < entries.length - 1 ? "," : "", marked });
  }
  line(into, depth, (list ? "]" : "}") + end);
}

function line(into, depth, ...parts) {
  const made = into.appendChild(node("span", "line-of-json"));
  made.style.setProperty("--from", depth * STEP); // what does not fit goes on below it, a little further in
  made.append(" ".repeat(depth * STEP), ...parts, "\n");
}

function leaf(value) {
  const text = JSON.stringify(value) ?? "null"; // [] and {} too
  if (typeof value !== "string") return node("span", "other", text);
  return node("span", text.length > LONG ? "string long" : "string", text);
}
