// One control for a field of the form: its label, its hint, what is wrong with it, and its value as JSON has it.

import { node } from "./dom.js";
import { rows } from "./rows.js";

/** Return {root, focus(), value(), set(value), trouble(), mark(message)}; an absent value is undefined. */
export function control(field) {
  return field.kind === "pairs" ? rows(field) : single(field);
}

function single(field) {
  const id = `field-${field.name}`;
  const input = node(["lines", "object", "list"].includes(field.kind) ? "textarea" : "input");
  input.id = id;
  if (field.kind === "flag") input.type = "checkbox";
  else if (input.tagName === "INPUT") input.type = "text";
  if (field.kind === "number") input.inputMode = "numeric";
  if (field.kind === "object" || field.kind === "list") input.className = "code";
  if (input.tagName === "TEXTAREA") input.rows = field.kind === "lines" ? 3 : 4;
  input.spellcheck = field.kind === "lines";
  const kind = KINDS[field.kind] ?? KINDS.text;
  const { root, error } = framed(field, id, input);
  const mark = marker(input, error);
  input.addEventListener("input", () => mark(kind.check ? trouble() : ""));
  const trouble = () => (input.value.trim() || field.kind === "flag" ? (kind.check?.(input) ?? "") : "");
  return {
    root,
    mark,
    trouble,
    focus: () => input.focus(),
    value: () => (trouble() ? undefined : kind.read(input)),
    set: (value) => {
      kind.write(input, value);
      mark("");
    },
  };
}

const KINDS = {
  text: { read: (input) => input.value || undefined, write: (input, value) => (input.value = value ?? "") },
  flag: { read: (input) => input.checked || undefined, write: (input, value) => (input.checked = Boolean(value)) },
  number: {
    read: (input) => (input.value.trim() ? Number(input.value) : undefined),
    write: (input, value) => (input.value = value ?? ""),
    check: (input) => (/^\s*[1-9]\d{0,15}\s*$/.test(input.value) ? "" : "Write a positive whole number."),
  },
  words: {
    read: (input) => listed(input.value),
    write: (input, value) => (input.value = (value ?? []).join(", ")),
  },
  object: json("object", (value) => typeof value === "object" && value !== null && !Array.isArray(value)),
  list: json("list of objects", (value) => Array.isArray(value) && value.every((each) => each?.constructor === Object)),
};

function listed(text) {
  const words = text.split(",").map((word) => word.trim()).filter(Boolean);
  return words.length ? words : undefined;
}

function json(what, fits) {
  return {
    read: (input) => (input.value.trim() ? JSON.parse(input.value) : undefined),
    write: (input, value) => (input.value = value === undefined ? "" : JSON.stringify(value, null, 2)),
    check: (input) => {
      try {
        return fits(JSON.parse(input.value)) ? "" : `This is JSON, but no ${what}.`;
      } catch (error) {
        return `Not JSON yet: ${error.message}`;
      }
    },
  };
}

function framed(field, id, input) {
  const root = node("div", field.kind === "flag" ? "field flag" : "field");
  const label = node("label", "", field.label);
  label.htmlFor = id;
  const head = node("div", "head");
  head.append(label, node("code", "option", field.option));
  const hint = node("p", "hint", field.hint ?? "");
  hint.id = `${id}-hint`;
  const error = node("p", "error");
  error.id = `${id}-error`;
  error.hidden = true;
  if (field.kind === "flag") head.prepend(input);
  root.append(head, ...(field.kind === "flag" ? [] : [input]), ...(field.hint ? [hint] : []), error);
  input.setAttribute("aria-describedby", [field.hint && hint.id, error.id].filter(Boolean).join(" "));
  return { root, error };
}

/** Return a function that shows what is wrong with `input`, or that nothing is. */
export function marker(input, error) {
  return (message) => {
    error.textContent = message;
    error.hidden = !message;
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
}

/** Open whatever hides a control. */
export function reveal(root) {
  for (let each = root.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
}

