// One message: its card as a person sees it, and what they do with it.

import { announce } from "./announce.js";
import { call } from "./api.js";
import { byId, clock, node } from "./dom.js";
import { drawFace } from "./face.js";
import { frame } from "./frame.js";
import { redraw } from "./keep.js";

const TICKET = /[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g;
const STILL = { revision: -1, drawn: "", told: "", pressing: false, everyone: false };

/** Return what is kept of a message to whoever is called `name`: its parts, and how it was drawn last. */
export function begin(each, name) {
  const entry = frame(each, name, {
    everyone: (wanted) => {
      entry.everyone = wanted;
      show(entry);
    },
    refresh: () => act(entry, "refreshes", { trigger: "manual" }),
  });
  return Object.assign(entry, STILL);
}

/** Draw a card as the person sees it now; typing, focus and what is open stay where it is the same card. */
export function show(entry) {
  const { each } = entry;
  const person = byId("person").value;
  const own = each.views[person];
  const card = entry.everyone || !own ? each.card : own;
  const text = looks(card);
  if (entry.drawn !== text) {
    entry.drawn = text;
    drawBody(entry, card);
  }
  entry.json.show(card);
  entry.views.show({ own: Boolean(own), everyone: entry.everyone, refresh: Boolean(each.card.refresh) });
  const line = each.lines[person];
  if (!entry.pressing && entry.told !== JSON.stringify([line, person])) {
    entry.told = JSON.stringify([line, person]);
    drawLine(entry.line, line);
  }
}

/** What is to be seen of a card: a new ticket in it is no reason to draw its buttons anew below somebody's hand. */
function looks(card) {
  const { refresh, autoInvokeAction, ...seen } = card;
  return JSON.stringify(seen).replace(TICKET, "");
}

function drawBody(entry, card) {
  const { each } = entry;
  const { root, notes } = drawFace(each, card, {
    press: (path, inputs) => press(entry, path, inputs),
    fail: (text) => drawLine(entry.line, { text, good: false }),
  });
  entry.notes.replaceChildren(...notes.map((text) => node("li", "", text)));
  entry.notes.hidden = !notes.length;
  if (!entry.pressing) {
    if (!redraw(entry.body, [root])) focusOn(entry.body);
    return;
  }
  const held = entry.body.contains(document.activeElement); // what was typed has been sent with the press
  entry.body.replaceChildren(root);
  if (held) focusOn(entry.line);
}

function press(entry, path, inputs) {
  act(entry, "presses", { path, inputs, everyone: entry.everyone });
}

/** Have the person do something with a card, and show what it came to. */
async function act(entry, what, asked) {
  if (entry.pressing) return;
  const person = byId("person").value;
  entry.pressing = true;
  entry.everyone = false; // what it comes to is theirs to see; who looks at the other view meanwhile keeps it
  entry.body.setAttribute("aria-busy", "true");
  drawLine(entry.line, { text: "Working on it...", waiting: true });
  try {
    const { revision } = await call(what, { card: entry.each.id, person, ...asked });
    await until(() => entry.revision >= revision);
    show(entry);
    const line = entry.each.lines[person];
    drawLine(entry.line, line);
    entry.line.scrollIntoView({ block: "nearest" });
    announce(line?.text || "The card has changed.");
  } catch (error) {
    drawLine(entry.line, { text: error.message, good: false });
    announce(error.message);
  } finally {
    if (document.activeElement === entry.line && !entry.line.childElementCount) focusOn(entry.body);
    entry.pressing = false;
    entry.told = JSON.stringify([entry.each.lines[person], person]); // what stands there now stays until there is news
    entry.body.removeAttribute("aria-busy");
  }
}

/** Have the chat itself do something with a card, and wait until that is to be seen. */
export async function actByItself(entry, what, asked) {
  entry.root.dataset.refreshing = "";
  try {
    const { revision } = await call(what, { card: entry.each.id, ...asked });
    await until(() => entry.revision >= revision);
  } finally {
    delete entry.root.dataset.refreshing;
  }
}

/** Wait until the stream has brought what a press changed. */
async function until(arrived) {
  for (let turns = 0; turns < 100 && !arrived(); turns += 1) await new Promise((done) => setTimeout(done, 50));
}

function focusOn(part) {
  part.tabIndex = -1; // the button that was pressed is gone, and with it the keyboard's place
  part.focus({ preventScroll: true });
}

function drawLine(root, line) {
  root.className = line?.text ? `line ${line.waiting ? "waiting" : line.good ? "good" : "bad"}` : "line";
  root.replaceChildren();
  if (!line?.text) return;
  root.append(node("p", "said", line.text));
  if (line.alone) root.append(node("p", "alone", "Only visible to you"));
  if (line.why) root.append(node("p", "detail", `To the author: ${line.why}`));
  if (line.by) root.append(node("p", "detail", `${line.by}, ${clock(line.at)} · ${line.status} ${line.outcome}`.trimEnd()));
}
