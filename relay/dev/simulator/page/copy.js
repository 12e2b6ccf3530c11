// Copies a text, and says on the button that it did.

import { announce } from "./announce.js";

const SHOWN = 1_600; // milliseconds

export function copying(press, text) {
  press.addEventListener("click", () => copy(press, text()));
}

async function copy(press, text) {
  const said = await navigator.clipboard.writeText(text).then(
    () => "Copied",
    () => "Select it",
  );
  press.dataset.label ??= press.textContent;
  press.textContent = said;
  announce(said === "Copied" ? "Copied." : "The browser does not let this page copy. Select the text instead.");
  setTimeout(() => (press.textContent = press.dataset.label), SHOWN);
}
