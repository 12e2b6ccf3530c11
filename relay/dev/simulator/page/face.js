// The card of a message, drawn as its chat draws it, with what the chat leaves out and why.

import { drawAdaptive } from "./adaptive.js";
import { draw } from "./card.js";
import { node } from "./dom.js";
import { drawSlack } from "./slack.js";

/** Return {root, notes}. `press` gets a path and the inputs, `fail` the sentence of what cannot work there. */
export function drawFace({ host, failed }, card, { press, fail }) {
  if (failed) return { root: drawFailed(failed), notes: [] };
  try {
    return drawCard(host, card, { press, fail });
  } catch (error) {
    const root = node("div", "card undrawn", "This card could not be displayed.");
    return { root, notes: [`Something in it is not of the form that it should be: ${error.message}`] };
  }
}

function drawCard(host, card, { press, fail }) {
  if (host === "slack") return drawSlack(card, { press });
  if (card["@type"] !== "MessageCard") return drawAdaptive(card, { host, press, fail });
  const buttons = host !== "workflows";
  const notes = [];
  if (!buttons && JSON.stringify(card).includes('"potentialAction"')) {
    notes.push("Its buttons are missing: Workflows draws none of a MessageCard. Send it with --format adaptive.");
  }
  return { root: draw(buttons ? card : plain(card), press), notes };
}

/** Return a MessageCard without what can be pressed. */
function plain(card) {
  const { potentialAction, ...bare } = card;
  const sections = (card.sections ?? []).map(({ potentialAction: gone, ...rest }) => rest);
  return { ...bare, sections };
}

function drawFailed(failed) {
  const root = node("div", "card undrawn");
  root.append(node("p", "title", "The flow failed: nothing was posted"), node("p", "", failed));
  root.append(node("p", "subtle", "The webhook had answered 202 by then; only the history of the flow's runs tells."));
  return root;
}
