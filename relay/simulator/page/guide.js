// Three steps for whoever opens the page the first time, ticked off as they happen.

import { byId } from "./dom.js";

const HIDDEN = "guide-hidden";

export function buildGuide() {
  byId("guide").hidden = Boolean(localStorage.getItem(HIDDEN));
  byId("hide-guide").addEventListener("click", () => {
    localStorage.setItem(HIDDEN, "yes");
    byId("guide").hidden = true;
    byId("open-policy").focus();
  });
}

export function drawGuide({ cards, dispatches }) {
  const happened = {
    asked: cards.length > 0,
    pressed: cards.some((each) => each.line?.good),
    verified: dispatches.some((each) => each.verify?.exit === 0),
  };
  for (const [step, done] of Object.entries(happened)) {
    const item = byId("guide").querySelector(`[data-step="${step}"]`);
    item.classList.toggle("done", done);
    item.querySelector(".tick").textContent = done ? "✓" : Object.keys(happened).indexOf(step) + 1;
  }
}
