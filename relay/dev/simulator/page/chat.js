// The chats: a message for each card, whose messages are shown, and the person that one is.

import { drawCase } from "./case.js";
import { byId, initials, put } from "./dom.js";
import { knowPeople } from "./mentions.js";
import { actByItself, begin, show } from "./message.js";
import { appOf } from "./where.js";

const SHOWN = ["all", "teams", "outlook", "slack"];
const drawn = new Map();
const seen = new Set(); // what was refreshed by itself: card, edition and person
let people = [];
let latest = [];

/** Let a person be chosen, and whose messages are shown. */
export function buildChat() {
  byId("person").addEventListener("change", drawPerson);
  byId("look").addEventListener("change", (event) => look(event.target.value));
  look(byId("look").querySelector(":checked").value);
}

/** Offer the people to be; the choice stays while they are the same. */
export function drawPeople(offered) {
  if (JSON.stringify(offered) === JSON.stringify(people)) return;
  people = offered;
  knowPeople(people);
  byId("person").replaceChildren(...people.map(({ key, name, part }) => new Option(`${name} · ${part}`, key)));
  drawPerson();
}

/** Draw the cards that are new or changed; return how many. */
export function drawCards(cards) {
  latest = cards;
  byId("no-cards").hidden = cards.length > 0;
  const kept = new Set(cards.map((each) => each.id));
  for (const [id, { root }] of drawn) {
    if (kept.has(id)) continue;
    root.remove();
    drawn.delete(id);
  }
  const changed = [...cards].reverse().filter(drawCard).length;
  count();
  for (const each of cards) refreshByItself(each);
  return changed;
}

function drawPerson() {
  const name = nameOfPerson();
  put(byId("face"), initials(name));
  seen.clear(); // a mail is opened again by whoever comes
  for (const entry of drawn.values()) {
    put(entry.to, name);
    entry.everyone = false;
  }
  drawCards(latest);
}

const nameOfPerson = () => people.find((each) => each.key === byId("person").value)?.name ?? "";

/** See to it that what is about to come to `places` will be seen. */
export function uncover(places) {
  const apps = places.map(appOf);
  if ([SHOWN[0], ...apps].includes(byId("chat").dataset.look)) return;
  byId("look").querySelector("input").checked = true;
  look(SHOWN[0]);
}

function look(shown) {
  byId("chat").dataset.look = SHOWN.includes(shown) ? shown : SHOWN[0];
  count();
}

function count() {
  const empty = latest.length > 0 && ![...drawn.values()].some(({ root }) => root.matches(visible()));
  byId("none-shown").hidden = !empty;
}

const visible = () => {
  const shown = byId("chat").dataset.look;
  return `.message:not([hidden])${shown === SHOWN[0] ? "" : `[data-app="${shown}"]`}`;
};

function drawCard(each) {
  const before = drawn.get(each.id);
  const entry = before ?? begin(each, nameOfPerson());
  if (!before) {
    drawn.set(each.id, entry);
    const above = drawn.get(each.thread); // a thread reads downwards, below its message
    if (above) above.replies.append(entry.root);
    else byId("cards").prepend(entry.root);
  }
  const changed = entry.revision !== each.revision;
  entry.revision = each.revision;
  entry.each = each;
  entry.root.hidden = Boolean(each.only) && each.only !== byId("person").value; // a direct message is one person's
  show(entry);
  drawCase(entry, each, latest);
  return changed;
}

/** A chat asks anew for some cards when a person comes to see them. What comes of it arrives by the stream. */
async function refreshByItself(each) {
  const person = byId("person").value;
  const known = `${each.id} ${each.edition} ${person}`;
  const wanted = each.card.autoInvokeAction || (each.card.refresh && !each.views[person]);
  if (!person || seen.has(known) || !wanted) return;
  seen.add(known);
  await actByItself(drawn.get(each.id), "refreshes", { person, trigger: "automatic" }).catch(() => seen.delete(known));
}
