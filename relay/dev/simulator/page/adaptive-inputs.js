// The inputs of an Adaptive Card: a text that a person types, with its label and what is wrong with it.

import { node } from "./dom.js";
import { marker } from "./controls.js";

let serial = 0;

/** Draw an input and let `view` know of it, so that an action finds its value. Return null where the host draws none. */
export function drawInput(input, view) {
  if (input.type !== "Input.Text") {
    view.note(
      input.type === "Input.Time" && view.host === "outlook"
        ? "Outlook draws no Input.Time."
        : `${input.type}: the simulator draws Input.Text alone.`,
    );
    return null;
  }
  const root = node("div", "input");
  const field = node(input.isMultiline ? "textarea" : "input");
  field.id = `typed-${(serial += 1)}`;
  field.dataset.key = `input.${input.id}`; // wherever it stands by now: what was typed into it stays
  if (!input.isMultiline) field.type = "text";
  if (input.maxLength) field.maxLength = input.maxLength;
  if (input.placeholder) field.placeholder = input.placeholder;
  if (input.value) field.value = input.value;
  field.required = Boolean(input.isRequired);
  if (input.label) {
    const label = node("label", "", input.label);
    label.htmlFor = field.id;
    if (field.required) label.append(" *");
    root.append(label);
  } else field.setAttribute("aria-label", input.placeholder || input.id || "Text");
  const error = node("p", "error");
  error.id = `${field.id}-error`;
  error.hidden = true;
  field.setAttribute("aria-describedby", error.id);
  const mark = marker(field, error);
  field.addEventListener("input", () => mark(""));
  root.append(field, error);
  view.inputs.push({
    id: input.id,
    value: () => field.value,
    /** Say what is wrong, bring the focus there, and return whether nothing is. */
    holds: () => {
      const empty = field.required && !field.value.trim();
      mark(empty ? input.errorMessage || "This is required." : "");
      if (empty) field.focus();
      return !empty;
    },
  });
  return root;
}

/** Return {id: text} of the inputs that an action sends, or null while a required one is empty. */
export function read(inputs) {
  const wrong = inputs.find((each) => !each.holds());
  return wrong ? null : Object.fromEntries(inputs.map((each) => [each.id, each.value()]));
}
