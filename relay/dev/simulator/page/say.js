// The command line below the chats: what a person types there, and the answer that only they read.

import { call } from "./api.js";
import { byId, node } from "./dom.js";
import { markdown } from "./markdown.js";
import { words } from "./mrkdwn.js";

const KEPT = "typed";
const LINES = 50;
const SHOWN = 20;
const MARKS = { slack: "#", teams: "" };
const PREFIXES = { slack: "/relay ", teams: "@Approval relay " };
let rooms = [];
let history = (sessionStorage.getItem(KEPT) ?? "").split("\n").filter(Boolean);
let at = history.length;
let draft = "";

/** Let a line be typed; the arrows bring earlier ones back. */
export function buildSay() {
  byId("say").addEventListener("submit", (event) => {
    event.preventDefault();
    say(byId("typed").value);
  });
  byId("typed").addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || !history.length) return;
    event.preventDefault();
    recall(step);
  });
  byId("look").addEventListener("change", offerShown);
  byId("clear-said").addEventListener("click", () => {
    byId("said").replaceChildren();
    byId("clear-said").hidden = true;
    byId("typed").focus();
  });
}

/** Offer the conversations in which one can type. */
export function offerRooms(offered) {
  if (JSON.stringify(offered) === JSON.stringify(rooms)) return;
  rooms = offered;
  offerShown();
}

function offerShown() {
  const look = byId("look").querySelector(":checked").value;
  const shown = rooms.filter(({ app }) => look === "all" || look === app);
  const before = byId("room").value;
  byId("room").replaceChildren(...shown.map(({ key, app }) => new Option(labelOf(key, app), key)));
  if (shown.some(({ key }) => key === before)) byId("room").value = before;
  byId("line").hidden = !shown.length;
}

const labelOf = (key, app) => `${app === "slack" ? "Slack" : "Teams"}: ${MARKS[app] ?? ""}${key}`;

function recall(step) {
  const field = byId("typed");
  if (at === history.length) draft = field.value;
  at = Math.min(Math.max(at + step, 0), history.length);
  field.value = history[at] ?? draft;
  field.setSelectionRange(field.value.length, field.value.length);
}

async function say(typed) {
  const { key, app } = rooms.find((each) => each.key === byId("room").value);
  const text = app === "slack" ? typed.replace(/^\s*\/relay(?!\S)\s*/i, "") : typed; // as Slack sends it
  const person = byId("person");
  const entry = node("li");
  entry.dataset.app = app;
  const name = person.selectedOptions[0].textContent.split(" · ")[0];
  const head = entry.appendChild(node("p", "typed"));
  head.append(node("strong", "", name), ` in ${labelOf(key, app)}: `, node("code", "", `${PREFIXES[app] ?? ""}${text}`));
  const answer = entry.appendChild(node("div", "words", "…"));
  byId("said").append(entry);
  byId("clear-said").hidden = false;
  while (byId("said").children.length > SHOWN) byId("said").firstChild.remove();
  remember(text);
  byId("typed").value = "";
  try {
    const told = await call("commands", { person: person.value, room: key, text });
    answer.replaceChildren();
    if (app === "slack") words({ type: "mrkdwn", text: told.words }, answer);
    else message(told.words, answer);
    entry.append(node("p", "note", app === "slack" ? `Only visible to ${name}` : "In the thread of the message"));
    entry.dataset.outcome = told.outcome;
  } catch (error) {
    answer.textContent = error.message;
    answer.classList.add("error");
  }
  byId("said").scrollTop = entry.offsetTop - byId("said").offsetTop; // an answer is read from its beginning
}

/** Draw a bot's message: Markdown, and lines between fences as they are, to be copied. */
function message(text, into) {
  for (const [index, part] of text.split(/^```$/m).entries()) {
    if (index % 2) into.append(node("pre", "", part.trim()));
    else markdown(part, into);
  }
}

function remember(text) {
  if (text.trim() && history.at(-1) !== text) history = [...history, text].slice(-LINES);
  sessionStorage.setItem(KEPT, history.join("\n"));
  at = history.length;
  draft = "";
}
