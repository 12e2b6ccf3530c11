// Three steps for whoever opens the page the first time, ticked off as they happen.

import { byId } from "./dom.js";
import { decided } from "./requests.js";
import { show } from "./tabs.js";

const HIDDEN = "guide-hidden";

export function buildGuide() {
  byId("guide").hidden = Boolean(localStorage.getItem(HIDDEN));
  byId("hide-guide").addEventListener("click", () => {
    localStorage.setItem(HIDDEN, "yes");
    byId("guide").hidden = true;
    byId("open-policy").focus();
  });
  byId("show-card").addEventListener("click", showCard);
}

/** Bring what can be pressed into sight, with the focus: on the newest card that can be, or the button that sends one. */
function showCard() {
  show("chat");
  const offered = [...byId("cards").querySelectorAll(".card :is(button.action, a.primary)")];
  const wanted = offered.find((each) => each.checkVisibility()) ?? byId("send");
  show(wanted.closest(".column").id);
  wanted.scrollIntoView({ block: "center" });
  wanted.focus({ preventScroll: true });
  wanted.classList.add("pointed"); // a mouse brought the focus here, so that no browser shows it
  wanted.addEventListener("blur", () => wanted.classList.remove("pointed"), { once: true });
}

export function drawGuide({ cards, dispatches }) {
  const happened = {
    asked: cards.length > 0,
    pressed: cards.some((each) => each.line?.good),
    verified: dispatches.some((each) => decided(each) && each.verify?.exit === 0),
  };
  for (const [step, done] of Object.entries(happened)) {
    const item = byId("guide").querySelector(`[data-step="${step}"]`);
    item.classList.toggle("done", done);
    item.querySelector(".tick").textContent = done ? "✓" : Object.keys(happened).indexOf(step) + 1;
  }
  byId("then").hidden = !Object.values(happened).every(Boolean);
}
