// A control for pairs: one row for each, with buttons that add and remove rows.

import { button, node } from "./dom.js";

const SAID = { name: "Name", value: "Value", url: "Address" };

/** Return a control as control() does, for a list of {name, SECOND}. */
export function rows(field) {
  const root = node("fieldset", "field rows");
  const legend = node("legend", "", field.label);
  const list = node("div", "list");
  const error = node("p", "error");
  error.id = `field-${field.name}-error`;
  error.hidden = true;
  const add = button("small", `Add a ${field.one}`, () => {
    list.append(row(field, {}, changed, leave));
    list.lastElementChild.querySelector("input").focus();
  });
  add.id = `field-${field.name}`;
  const changed = () => root.dispatchEvent(new Event("input", { bubbles: true }));
  const leave = (gone) => {
    const next = gone.nextElementSibling ?? gone.previousElementSibling;
    gone.remove();
    (next?.querySelector("input") ?? add).focus();
    changed();
  };
  root.append(legend, node("code", "option", field.option), list, error, add);
  root.setAttribute("aria-describedby", error.id);
  const mark = (message) => {
    error.textContent = message;
    error.hidden = !message;
    for (const input of list.querySelectorAll("input")) {
      if (message) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  };
  list.addEventListener("input", () => mark(""));
  return {
    root,
    mark,
    trouble: () => "",
    focus: () => (list.querySelector("input") ?? add).focus(),
    value: () => read(list, field.second),
    set: (value) => {
      list.replaceChildren(...(value ?? []).map((pair) => row(field, pair, changed, leave)));
      mark("");
    },
  };
}

function row(field, pair, changed, leave) {
  const made = node("div", "pair");
  for (const key of ["name", field.second]) {
    const input = node("input", key);
    input.type = "text";
    input.value = pair[key] ?? "";
    input.placeholder = key === "url" ? "https://" : key;
    input.setAttribute("aria-label", `${SAID[key]} of the ${field.one}`);
    made.append(input);
  }
  const gone = button("small remove", "Remove", () => leave(made));
  gone.setAttribute("aria-label", `Remove the ${field.one}`);
  made.append(gone);
  return made;
}

function read(list, second) {
  const pairs = [...list.children].map((each) => [each.children[0].value, each.children[1].value]);
  const given = pairs.filter(([name, value]) => name || value);
  return given.length ? given.map(([name, value]) => ({ name, [second]: value })) : undefined;
}
