// The JSON of a card as its chat has it, for whoever writes cards: to read and to copy.

import { copying } from "./copy.js";
import { button, details, node } from "./dom.js";
import { json } from "./json.js";

/** Return {root, show(card)}; it is drawn while it is open. `title` names the card. */
export function source(title) {
  const root = details("source", "The card as JSON");
  const body = root.appendChild(node("div", "copied"));
  const copy = button("small", "Copy", () => {});
  let card = {};
  let told = "";
  copy.setAttribute("aria-label", `Copy the card: ${title}`);
  copying(copy, () => JSON.stringify(card, null, 2));
  const draw = () => root.open && body.replaceChildren(json(card, { label: `JSON of the card: ${title}` }), copy);
  root.className = "source";
  root.addEventListener("toggle", draw);
  return {
    root,
    show: (shown) => {
      const text = JSON.stringify(shown);
      if (text === told) return;
      [card, told] = [shown, text];
      root.hidden = !Object.keys(card).length;
      draw();
    },
  };
}
