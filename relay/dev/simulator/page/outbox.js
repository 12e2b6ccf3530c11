// What the relay owes GitHub: how often it tried, why it failed, what cures it, and when it tries again.

import { announce } from "./announce.js";
import { call } from "./api.js";
import { button, byId, node, pairs, put } from "./dom.js";
import { redraw } from "./keep.js";

const MEANS = { owed: "waits", refused: "refused", dead: "given up" };
const SUBJECTS = { card: "Card in", notice: "Notice in" };
const EVERY = 500; // milliseconds
let told = "";
let due = [];

setInterval(count, EVERY);

/** Draw what is owed, if it changed; `failed` is told of errors. Return whether it did and something of it waits. */
export function drawOutbox(owed, failed) {
  const now = JSON.stringify(owed);
  if (now === told) return false;
  told = now;
  byId("nothing-owed").hidden = owed.length > 0;
  due = [];
  if (!redraw(byId("outbox"), owed.map((each) => drawOne(each, failed)))) byId("outbox-title").focus();
  count();
  return owed.some((each) => !each.being_paid);
}

function drawOne(debt, failed) {
  const { id, title, status, cure, next_at: at, being_paid: paying } = debt;
  const root = node("article", "debt");
  root.dataset.status = status;
  const head = root.appendChild(node("div", "head"));
  head.append(node("span", status === "owed" ? "pill open" : "pill bad", MEANS[status] ?? status));
  head.append(node("strong", "", title));
  const entries = [
    [SUBJECTS[debt.kind] ?? "Event", debt.told ? `${debt.event_type}: ${debt.told}` : debt.event_type],
    ["Attempts", String(debt.attempts || "none yet")],
    ["Last error", debt.last_error],
    ["Cure", cure],
    ["Next attempt", paying ? "being tried now" : at && " "],
  ];
  root.append(pairs("facts", entries.filter(([, value]) => value)));
  if (at && !paying) {
    const where = root.querySelector("dl").lastElementChild;
    where.className = "next";
    due.push({ where, at });
  }
  if (status !== "owed") root.append(again(id, title, failed));
  return root;
}

function again(id, title, failed) {
  const made = button("primary", "Send again", async () => {
    if (made.hasAttribute("aria-disabled")) return;
    made.setAttribute("aria-disabled", "true");
    try {
      await call("replay", { id });
      announce("Owed anew: the relay tries it at once.");
    } catch (error) {
      failed(error);
    } finally {
      made.removeAttribute("aria-disabled");
    }
  });
  made.dataset.key = `again-${id}`;
  made.setAttribute("aria-label", `Send again: ${title}`);
  return made;
}

function count() {
  for (const { where, at } of due) {
    const left = Math.ceil(at - Date.now() / 1000);
    put(where, left > 0 ? `in ${spell(left)}` : "due, at the next round");
  }
}

function spell(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
