// Draws a MessageCard as Outlook does: https://learn.microsoft.com/outlook/actionable-messages/message-card-reference

import { button as pressable, node } from "./dom.js";
import { inputs } from "./inputs.js";
import { anchor, inline, markdown, web } from "./markdown.js";

let serial = 0;

export function draw(card, press) {
  const root = node("div", "card");
  const color = /^#?([0-9a-f]{6})$/i.exec(card.themeColor ?? "");
  if (color) root.style.setProperty("--theme", `#${color[1]}`);
  if (card.title) root.append(node("h3", "title", card.title));
  root.append(...picture(card.heroImage));
  if (card.text) markdown(card.text, root.appendChild(node("div", "text")));
  for (const [index, section] of (card.sections ?? []).entries()) {
    root.append(drawSection(section, ["sections", index], press));
  }
  root.append(...drawActions(card.potentialAction, ["potentialAction"], press));
  return root;
}

function drawSection(section, path, press) {
  const root = node("section", section.startGroup ? "part grouped" : "part");
  if (section.title) inline(section.title, root.appendChild(node("h4")));
  root.append(...picture(section.heroImage));
  root.append(...picture({ image: section.activityImage, title: section.activityImageTitle }));
  for (const key of ["activityTitle", "activitySubtitle", "activityText"]) {
    if (section[key]) markdown(section[key], root.appendChild(node("div", key)));
  }
  if (section.text) markdown(section.text, root.appendChild(node("div", "text")));
  if (section.facts?.length) {
    const list = root.appendChild(node("dl", "facts"));
    for (const fact of section.facts) {
      inline(fact.name, list.appendChild(node("dt")));
      inline(fact.value, list.appendChild(node("dd")));
    }
  }
  for (const image of section.images ?? []) root.append(...picture(image));
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
  const pane = node("div", "inputs");
  pane.id = `pane-${(serial += 1)}`;
  pane.hidden = true;
  const toggle = pressable("action", action.name, () => {
    const open = pane.hidden;
    for (const each of panes) show(each, open && each.pane === pane);
    if (open) pane.querySelector("textarea, input, select")?.focus();
  });
  toggle.dataset.key = path.join(".");
  toggle.setAttribute("aria-expanded", "false");
  toggle.setAttribute("aria-controls", pane.id);
  const values = inputs(action.inputs ?? [], path, pane);
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

function button(action, path, press, values) {
  const made = pressable(action.isPrimary ? "action primary" : "action", action.name, () => {
    const given = values();
    if (given) press(path, given);
  });
  made.dataset.key = path.join(".");
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

/** A picture is named and not loaded: this page asks nobody else for anything. */
function picture(image) {
  if (!image?.image) return [];
  const made = node("p", "picture", image.title || "A picture, which this page does not load");
  return [made];
}
