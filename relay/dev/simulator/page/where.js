// Where the card of a request goes: one place or several at once, which makes it one request in all of them.

import { byId, node, put } from "./dom.js";

const KEPT = "places";
let places = [];

/** Offer the places, once; `changed` is called when another is chosen. */
export function offerPlaces(offered, changed) {
  if (places.length || !offered.length) return;
  places = offered;
  const kept = (sessionStorage.getItem(KEPT) ?? "").split("\n").filter((key) => offered.some((each) => each.key === key));
  const first = kept.length ? kept : [(offered.find(({ key }) => key === "policy" || key.startsWith("channel:")) ?? offered[0]).key];
  for (const each of offered) {
    const label = node("label");
    const box = label.appendChild(node("input"));
    Object.assign(box, { type: "checkbox", name: "place", value: each.key, checked: first.includes(each.key) });
    label.append(node("span", "", each.label));
    byId("places").append(label);
  }
  byId("places").addEventListener("change", () => {
    sessionStorage.setItem(KEPT, chosenPlaces().join("\n"));
    tell();
    changed();
  });
  tell();
}

/** Return the keys of the chosen places. */
export function chosenPlaces() {
  return [...byId("places").querySelectorAll(":checked")].map((each) => each.value);
}

/** Return the chat of a place, by its key. */
export const appOf = (key) => places.find((each) => each.key === key)?.app ?? "teams";

function tell() {
  const chosen = places.filter((each) => chosenPlaces().includes(each.key));
  const several = "One request in all of them: whoever decides in one, decides it for the others.";
  const one = chosen[0]?.note ?? "Choose at least one.";
  put(byId("places-note"), chosen.length > 1 ? several : one);
}
