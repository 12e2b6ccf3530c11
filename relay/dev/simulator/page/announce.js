// Says what happened to those who do not see it: several things of a moment are said in one breath.

import { byId } from "./dom.js";

const BREATH = 600; // milliseconds
let pending = [];
let timer;

export function announce(text) {
  if (!pending.includes(text)) pending.push(text);
  clearTimeout(timer);
  timer = setTimeout(() => {
    byId("announcer").textContent = pending.join(" ");
    pending = [];
  }, BREATH);
}
