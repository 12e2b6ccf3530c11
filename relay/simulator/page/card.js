// Draws a MessageCard as Outlook does: https://learn.microsoft.com/outlook/actionable-messages/message-card-reference

import { anchor, inline, markdown, web } from "./markdown.js";

let serial = 0;

export function draw(card, press) {
  const root = node("div", "card");
  const color = /^#?([0-9a-f]{6})$/i.exec(card.themeColor ?? "");
  if (color) root.style.setProperty("--theme", `#${color[1]}`);
  if (card.title) root.append(node("h3", "title", card.title));
  if (card.text) markdown(card.text, root.appendChild(node("div", "text")));
  for (const [index, section] of (card.sections ?? []).entries()) {
    root.append(drawSection(section, ["sections", index], press));
  }
  root.append(...drawActions(card.potentialAction, ["potentialAction"], press));
  return root;
}

function drawSection(section, path, press) {
  const root = node("section", section.startGroup ? "part grouped" : "part");
  if (section.title) inline(section.title, root.appendChild(node("h4", "")));
  for (const key of ["activityTitle", "activitySubtitle", "activityText"]) {
    if (section[key]) markdown(section[key], root.appendChild(node("div", key)));
  }
  if (section.text) markdown(section.text, root.appendChild(node("div", "text")));
  if (section.facts?.length) {
    const list = root.appendChild(node("dl", "facts"));
    for (const fact of section.facts) {
      inline(fact.name, list.appendChild(node("dt", "")));
      inline(fact.value, list.appendChild(node("dd", "")));
    }
  }
  root.append(...drawActions(section.potentialAction, [...path, "potentialAction"], press));
  return root;
}

function drawActions(actions, path, press) {
  if (!actions?.length) return [];
  const row = node("div", "actions");
  const panes = [];
  for (const [index, action] of actions.entries()) {
    const at = [...path, index];
    if (action["@type"] === "OpenUri") row.append(...opener(action));
    else if (action["@type"] === "HttpPOST") row.append(button(action, at, press, () => ({})));
    else if (action["@type"] === "ActionCard") {
      const { toggle, pane } = drawPane(action, at, press, panes);
      row.append(toggle);
      panes.push({ toggle, pane });
    }
  }
  return [row, ...panes.map(({ pane }) => pane)];
}

function drawPane(action, path, press, panes) {
  const toggle = node("button", "action", action.name);
  const pane = node("div", "inputs");
  pane.id = `pane-${(serial += 1)}`;
  pane.hidden = true;
  toggle.type = "button";
  toggle.setAttribute("aria-expanded", "false");
  toggle.setAttribute("aria-controls", pane.id);
  toggle.addEventListener("click", () => {
    const open = pane.hidden;
    for (const each of panes) show(each, open && each.pane === pane);
    if (open) pane.querySelector("textarea, input, select")?.focus();
  });
  const fields = (action.inputs ?? []).map((input) => drawInput(input, pane));
  const values = () => {
    const missing = fields.find(({ field, required }) => required && !field.value.trim());
    for (const { field } of fields) field.setAttribute("aria-invalid", String(field === missing?.field));
    if (missing) {
      missing.field.focus();
      return null;
    }
    return Object.fromEntries(fields.map(({ id, field }) => [id, field.value]));
  };
  const row = node("div", "actions");
  for (const [index, each] of (action.actions ?? []).entries()) {
    if (each["@type"] === "HttpPOST") row.append(button(each, [...path, "actions", index], press, values));
    else if (each["@type"] === "OpenUri") row.append(...opener(each));
  }
  pane.append(row);
  return { toggle, pane };
}

function show({ toggle, pane }, open) {
  pane.hidden = !open;
  toggle.setAttribute("aria-expanded", String(open));
}

function drawInput(input, pane) {
  const kind = { MultichoiceInput: "select", DateInput: "input" }[input["@type"]] ?? (input.isMultiline ? "textarea" : "input");
  const field = document.createElement(kind);
  field.id = `input-${(serial += 1)}`;
  if (input["@type"] === "DateInput") field.type = input.includeTime ? "datetime-local" : "date";
  for (const choice of input.choices ?? []) field.append(new Option(choice.display, choice.value));
  if (input.maxLength) field.maxLength = input.maxLength;
  if (input.value) field.value = input.value;
  field.required = Boolean(input.isRequired);
  const label = node("label", "", input.title ?? input.id);
  label.htmlFor = field.id;
  pane.append(label, field);
  return { id: input.id, field, required: field.required };
}

function button(action, path, press, values) {
  const made = node("button", action.isPrimary ? "action primary" : "action", action.name);
  made.type = "button";
  made.addEventListener("click", () => {
    const inputs = values();
    if (inputs) press(path, inputs);
  });
  return made;
}

function opener(action) {
  const url = web((action.targets ?? []).find((target) => target.os === "default")?.uri ?? action.targets?.[0]?.uri);
  if (!url) return [];
  const made = anchor(url);
  made.className = "action";
  made.textContent = action.name;
  return [made];
}

export function node(tag, name, text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}
