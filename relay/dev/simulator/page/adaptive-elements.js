// The elements of an Adaptive Card: https://adaptivecards.io/explorer/

import { drawInput } from "./adaptive-inputs.js";
import { line, paragraphs } from "./adaptive-text.js";
import { drawActions } from "./adaptive-actions.js";
import { node } from "./dom.js";

const DROP = "drop";
const NAMED = { color: ["dark", "light", "accent", "good", "warning", "attention"] };
const LOOKS = {
  size: ["small", "medium", "large", "extralarge"],
  weight: ["lighter", "bolder"],
  horizontalAlignment: ["center", "right"],
  spacing: ["none", "small", "medium", "large", "extralarge", "padding"],
};

/** Draw the elements of a list into `into`. */
export function drawBody(elements, path, view, into) {
  for (const [index, element] of (Array.isArray(elements) ? elements : []).entries()) {
    const made = drawElement(element, [...path, index], view);
    if (!made) continue;
    if (element.separator) made.classList.add("separated");
    if (element.id) made.dataset.element = element.id;
    if (element.isVisible === false) made.hidden = true;
    look(made, element, "spacing");
    into.append(made);
  }
}

function drawElement(element, path, view) {
  const drawn = ELEMENTS[element?.type];
  if (drawn) return drawn(element, path, view);
  if (element?.type?.startsWith("Input.")) return drawInput(element, view);
  if (element?.fallback === DROP) return null;
  if (element?.fallback) return drawElement(element.fallback, [...path, "fallback"], view);
  view.note(`${element?.type || "An element without a type"}: the simulator does not draw it.`);
  return null;
}

const ELEMENTS = {
  TextBlock(element, path, view) {
    const title = !view.titled.yet && isLarge(element); // what readers take for the title is one for listeners too
    view.titled.yet ||= title;
    const root = node(title ? "h3" : "div", element.wrap ? "words" : "words oneline");
    for (const name of ["size", "weight", "horizontalAlignment"]) look(root, element, name);
    color(root, element);
    if (element.fontType?.toLowerCase() === "monospace") root.classList.add("mono");
    if (title) line(element.text, root, view);
    else paragraphs(element.text, root, view);
    return root;
  },
  FactSet(element, path, view) {
    const root = node("dl", "facts");
    for (const fact of element.facts ?? []) {
      line(fact.title, root.appendChild(node("dt")), view);
      line(fact.value, root.appendChild(node("dd")), view);
    }
    return root;
  },
  Container(element, path, view) {
    const root = node("div", "container");
    styled(root, element);
    drawBody(element.items, [...path, "items"], view, root);
    return root;
  },
  ColumnSet(element, path, view) {
    const root = node("div", "columns");
    styled(root, element);
    for (const [index, column] of (element.columns ?? []).entries()) {
      const made = root.appendChild(node("div", column.width === "auto" ? "narrow" : "stretched"));
      styled(made, column);
      if (column.separator) made.classList.add("separated");
      drawBody(column.items, [...path, "columns", index, "items"], view, made);
    }
    return root;
  },
  /** A picture is named and not loaded: this page asks nobody else for anything. */
  Image: (element) => node("p", "picture", element.altText || "A picture, which this page does not load"),
  ImageSet(element, path, view) {
    const root = node("div", "pictures");
    drawBody(element.images, [...path, "images"], view, root);
    return root;
  },
  ActionSet(element, path, view) {
    const root = node("div", "set");
    root.append(...drawActions(element.actions, [...path, "actions"], view));
    return root;
  },
};

function isLarge({ style, size }) {
  return style === "heading" || ["large", "extralarge"].includes(size?.toLowerCase());
}

function styled(root, { style }) {
  const named = style?.toLowerCase();
  if (["emphasis", "good", "attention", "warning", "accent"].includes(named)) root.classList.add("filled", `on-${named}`);
}

function look(root, element, name) {
  const value = String(element[name] ?? "").toLowerCase();
  if (LOOKS[name].includes(value)) root.classList.add(`${name.toLowerCase()}-${value}`);
}

function color(root, element) {
  const value = String(element.color ?? "").toLowerCase();
  if (NAMED.color.includes(value)) root.classList.add(`ink-${value}`);
  if (element.isSubtle) root.classList.add("subtle");
}
