// Draws JSON with its kinds apart, and one part of it marked so that it is found at a glance.

import { node } from "./dom.js";

/** Return <pre> of `value`; the entry `marked` of any object in it stands out. */
export function json(value, { marked = "", label = "JSON" } = {}) {
  const made = node("pre", "json");
  made.tabIndex = 0;
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", label);
  write(made, value, "", marked);
  return made;
}

function write(into, value, indent, marked) {
  if (value === null || typeof value !== "object") {
    into.append(leaf(value));
    return;
  }
  const list = Array.isArray(value);
  const entries = list ? value.map((each) => [null, each]) : Object.entries(value);
  if (!entries.length) {
    into.append(list ? "[]" : "{}");
    return;
  }
  into.append(list ? "[\n" : "{\n");
  for (const [index, [key, each]] of entries.entries()) {
    const line = key === marked && marked ? into.appendChild(node("span", "marked")) : into;
    line.append(`${indent}  `);
    if (key !== null) line.append(node("span", "key", JSON.stringify(key)), ": ");
    write(line, each, `${indent}  `, marked);
    line.append(index < entries.length - 1 ? ",\n" : "\n");
  }
  into.append(`${indent}${list ? "]" : "}"}`);
}

const LONG = 90;

function leaf(value) {
  const text = JSON.stringify(value) ?? "null";
  if (typeof value !== "string") return node("span", "other", text);
  return node("span", text.length > LONG ? "string long" : "string", text);
}
