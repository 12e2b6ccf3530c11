// The chat: a message for each card, as a chat or as a reading pane shows it, and the presses on it.

import { announce } from "./announce.js";
import { call } from "./api.js";
import { draw } from "./card.js";
import { byId, clock, day, initials, node, put } from "./dom.js";
import { redraw } from "./keep.js";

const drawn = new Map();
let people = [];

/** Let a person be chosen, and how cards look. */
export function buildChat() {
  byId("person").addEventListener("change", drawPerson);
  byId("look").addEventListener("change", (event) => (byId("chat").dataset.look = event.target.value));
  byId("chat").dataset.look = byId("look").querySelector(":checked").value;
}

/** Offer the people to be; the choice stays while they are the same. */
export function drawPeople(offered) {
  if (JSON.stringify(offered) === JSON.stringify(people)) return;
  people = offered;
  byId("person").replaceChildren(...people.map((each) => new Option(each.name, each.key)));
  drawPerson();
}

/** Draw the cards that are new or changed; return how many. */
export function drawCards(cards) {
  byId("no-cards").hidden = cards.length > 0;
  const kept = new Set(cards.map((each) => each.id));
  for (const [id, { root }] of drawn) {
    if (kept.has(id)) continue;
    root.remove();
    drawn.delete(id);
  }
  return [...cards].reverse().filter(drawCard).length;
}

function drawPerson() {
  const person = people.find((each) => each.key === byId("person").value);
  put(byId("face"), initials(person?.name ?? ""));
  put(byId("part"), person?.part ?? "");
  for (const { to } of drawn.values()) put(to, person?.name ?? "");
}

function drawCard(each) {
  const before = drawn.get(each.id);
  const entry = before ?? frame(each);
  if (!before) byId("cards").prepend(entry.root);
  const changed = entry.revision !== each.revision;
  entry.revision = each.revision;
  const text = JSON.stringify(each.card);
  if (entry.card !== text) {
    entry.card = text;
    drawBody(entry, each);
  }
  if (changed && !entry.pressing) drawLine(entry.line, each.line);
  entry.said = each.line;
  return changed;
}

function drawBody(entry, { id, card }) {
  const children = [draw(card, (path, inputs) => press(entry, id, path, inputs))];
  put(entry.subject, card.summary || card.title || "(no subject)");
  entry.root.setAttribute("aria-label", `Card: ${card.title || card.summary || "without a title"}`);
  if (!entry.pressing) {
    if (!redraw(entry.body, children)) focusOn(entry.line);
    return;
  }
  const held = entry.body.contains(document.activeElement); // what was typed has been sent with the press
  entry.body.replaceChildren(...children);
  if (held) focusOn(entry.line);
}

function frame({ id, source, at }) {
  const root = node("article", "message");
  const from = source === "webhook" ? "Incoming webhook" : "Approval relay";
  const sender = node("div", "sender");
  const named = node("div", "named");
  const subject = node("p", "subject");
  const to = node("span", "", byId("person").selectedOptions[0]?.text ?? "");
  const address = node("p", "address", "To: ");
  address.append(to);
  named.append(node("strong", "", from), node("span", "mailbox", " <approvals@octo.example>"), address);
  const time = node("time", "when", clock(at));
  time.dateTime = new Date(at * 1000).toISOString();
  time.title = day(at);
  const face = source === "webhook" ? node("span", "avatar hook", "WH") : node("span", "avatar", "AR");
  face.setAttribute("aria-hidden", "true");
  sender.append(face, named, time);
  const body = node("div", "body");
  const line = node("div", "line");
  root.append(subject, sender, body, line);
  const entry = { root, subject, to, body, line, revision: -1, card: "", pressing: false, said: {} };
  drawn.set(id, entry);
  return entry;
}

async function press(entry, id, path, inputs) {
  if (entry.pressing) return;
  entry.pressing = true;
  entry.body.setAttribute("aria-busy", "true");
  const revision = entry.revision;
  entry.line.className = "line waiting";
  entry.line.replaceChildren(node("p", "said", "Working on it..."));
  try {
    await call("presses", { card: id, path, inputs, person: byId("person").value });
    await until(() => entry.revision !== revision);
    drawLine(entry.line, entry.said);
    entry.line.scrollIntoView({ block: "nearest" });
    if (entry.said?.text) announce(entry.said.text);
  } catch (error) {
    drawLine(entry.line, { text: error.message, good: false });
    announce(error.message);
  } finally {
    entry.pressing = false;
    entry.body.removeAttribute("aria-busy");
  }
}

/** Wait until the stream has brought what a press changed. */
async function until(arrived) {
  for (let turns = 0; turns < 100 && !arrived(); turns += 1) await new Promise((done) => setTimeout(done, 50));
}

function focusOn(line) {
  line.tabIndex = -1; // the button that was pressed is gone, and with it the keyboard's place
  line.focus({ preventScroll: true });
}

function drawLine(root, line) {
  root.className = line?.text ? `line ${line.good ? "good" : "bad"}` : "line";
  root.replaceChildren();
  if (!line?.text) return;
  root.append(node("p", "said", line.text));
  if (!line.by) return;
  root.append(node("p", "detail", `${line.by}, ${clock(line.at)} · ${line.status} ${line.outcome}`.trimEnd()));
}
