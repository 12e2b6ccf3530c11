// Draws an Adaptive Card as one of its hosts does, and says why what it leaves out is left out.
//
// https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference
// https://learn.microsoft.com/outlook/actionable-messages/adaptive-card

import { drawActions } from "./adaptive-actions.js";
import { drawBody } from "./adaptive-elements.js";
import { node } from "./dom.js";

const NEWEST = 1.5;

/**
 * Draw `card` as `host` ("workflows", "bot" or "outlook") does.
 *
 * `press` gets the path of an action and the inputs, `fail` the sentence of what cannot work there. Return {root, notes}.
 */
export function drawAdaptive(card, { host, press, fail }) {
  const root = node("div", card.msteams?.width === "full" ? "card adaptive full" : "card adaptive");
  const version = Number.parseFloat(card.version) || 0;
  const entities = Array.isArray(card.msteams?.entities) ? card.msteams.entities : [];
  const notes = [];
  const note = (text) => notes.includes(text) || notes.push(text);
  const view = { host, version, entities, press, fail, note, root, inner: drawCard, inputs: [], titled: { yet: false } };
  if (version > NEWEST) {
    root.append(node("p", "undrawn", "This card could not be displayed."));
    note(`It says version ${card.version}. Teams draws 1.5 and below; write 1.4, or 1.0 for Outlook.`);
    return { root, notes };
  }
  root.append(...drawCard(card, [], view));
  return { root, notes };
}

/** Draw body and actions of a card, or of one inside an Action.ShowCard. */
function drawCard(card, path, view) {
  const body = node("div", "elements");
  drawBody(card.body, [...path, "body"], view, body);
  return [body, ...drawActions(card.actions, [...path, "actions"], view)];
}
