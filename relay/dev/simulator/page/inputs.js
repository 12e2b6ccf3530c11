// The inputs of a card's ActionCard: https://learn.microsoft.com/outlook/actionable-messages/message-card-reference

import { node } from "./dom.js";

let serial = 0;

/** Draw the inputs into `pane`. Return a function that gives {id: text}, or null while a required one is empty. */
export function inputs(wanted, path, pane) {
  const fields = wanted.map((input) => (input.isMultiSelect ? several(input, path, pane) : single(input, path, pane)));
  return () => {
    const missing = fields.find((each) => each.required && !each.value().trim());
    for (const each of fields) for (const input of each.inputs) invalid(input, each === missing);
    if (missing) {
      missing.inputs[0]?.focus();
      return null;
    }
    return Object.fromEntries(fields.map((each) => [each.id, each.value()]));
  };
}

function single(input, path, pane) {
  const kinds = { MultichoiceInput: "select", DateInput: "input" };
  const kind = kinds[input["@type"]] ?? (input.isMultiline ? "textarea" : "input");
  const field = node(kind);
  field.id = `input-${(serial += 1)}`;
  field.dataset.key = [...path, "inputs", input.id].join(".");
  if (kind === "input") field.type = "text";
  if (input["@type"] === "DateInput") field.type = input.includeTime ? "datetime-local" : "date";
  if (kind === "select" && !input.isRequired) field.append(new Option("", ""));
  for (const choice of input.choices ?? []) field.append(new Option(choice.display, choice.value));
  if (input.maxLength) field.maxLength = input.maxLength;
  if (input.value) field.value = input.value;
  field.required = Boolean(input.isRequired);
  const label = node("label", "", input.title || input.id || "Input");
  label.htmlFor = field.id;
  pane.append(label, field);
  return { id: input.id, inputs: [field], required: field.required, value: () => field.value };
}

function several(input, path, pane) {
  const field = pane.appendChild(node("fieldset", "several"));
  field.append(node("legend", "", input.title || input.id || "Input"));
  const boxes = (input.choices ?? []).map((choice) => {
    const label = field.appendChild(node("label"));
    const box = label.appendChild(node("input"));
    box.type = "checkbox";
    box.value = choice.value;
    box.dataset.key = [...path, "inputs", input.id, choice.value].join(".");
    label.append(choice.display);
    return box;
  });
  const value = () => boxes.filter((box) => box.checked).map((box) => box.value).join(",");
  return { id: input.id, inputs: boxes, required: Boolean(input.isRequired), value };
}

function invalid(input, is) {
  if (is) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}
