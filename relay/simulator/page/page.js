// The page: asks how things stand every second, and draws only what changed, so that nobody's typing is lost.

import { draw, node } from "./card.js";

const EVERY = 1000;
const byId = (id) => document.getElementById(id);
const drawn = new Map();
const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const at = (seconds) => time.format(new Date(seconds * 1000));
let shown = 0;

const token = (() => {
  const given = location.hash.slice(1);
  if (given) {
    sessionStorage.setItem("token", given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem("token") ?? "";
})();

async function call(path, asked) {
  const sent = asked && { method: "POST", body: JSON.stringify(asked) };
  const answer = await fetch(`/simulator/${path}`, {
    ...sent,
    headers: { "X-Simulator-Token": token, ...(asked && { "Content-Type": "application/json" }) },
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.message);
  return said;
}

async function attempt(work) {
  try {
    await work();
    tell("");
  } catch (error) {
    tell(error instanceof TypeError ? "relay dev does not answer. Start it again and open the address it prints." : error.message);
  }
}

function tell(text) {
  const trouble = byId("trouble");
  if (trouble.textContent !== text) trouble.textContent = text;
  trouble.hidden = !text;
}

async function refresh() {
  const state = await call("state");
  options(byId("person"), state.people, (person) => (person.part ? `${person.name} (${person.part})` : person.name));
  options(byId("sample"), state.samples, (sample) => sample.label);
  drawModes(state.modes, state.mode);
  drawCards(state.cards);
  drawDispatches(state.dispatches);
  return state;
}

function options(select, choices, label) {
  if (select.options.length) return;
  for (const choice of choices) select.append(new Option(label(choice), choice.key));
}

function drawModes(modes, mode) {
  const field = byId("modes");
  if (!field.querySelector("input")) {
    for (const each of modes) {
      const label = field.appendChild(node("label", "mode"));
      const radio = label.appendChild(document.createElement("input"));
      Object.assign(radio, { type: "radio", name: "mode", value: each.key });
      radio.addEventListener("change", () => attempt(() => call("switch", { mode: each.key })));
      label.append(node("span", "", each.label));
    }
  }
  const chosen = field.querySelector(`input[value="${mode}"]`);
  if (chosen && !chosen.checked && document.activeElement?.name !== "mode") chosen.checked = true;
  if (!field.querySelector(":checked")) chosen.checked = true;
}

function drawCards(cards) {
  const kept = new Set(cards.map((each) => each.id));
  for (const [id, { root }] of drawn) {
    if (kept.has(id)) continue;
    root.remove();
    drawn.delete(id);
  }
  for (const each of [...cards].reverse()) {
    const before = drawn.get(each.id);
    const entry = before ?? frame(each.id);
    if (!before) byId("cards").prepend(entry.root);
    if (entry.revision !== each.revision) {
      entry.revision = each.revision;
      keepOpen(entry, each);
      drawLine(entry.line, each.line);
    }
    drawStanding(entry.standing, each.standing);
  }
}

function frame(id) {
  const root = node("article", "message");
  const sender = root.appendChild(node("div", "sender"));
  sender.append(node("span", "avatar", "AR"), node("strong", "", "Approval relay"), node("span", "when", at(Date.now() / 1000)));
  const body = root.appendChild(node("div", "body"));
  const line = root.appendChild(node("div", "line"));
  line.setAttribute("role", "status");
  const standing = root.appendChild(node("p", "standing"));
  standing.setAttribute("aria-live", "polite");
  const entry = { root, body, line, standing, revision: -1, card: "" };
  drawn.set(id, entry);
  return entry;
}

function keepOpen(entry, { id, card }) {
  const text = JSON.stringify(card);
  if (entry.card === text) return; // a refused press leaves the card, and what was typed, as it is
  entry.card = text;
  entry.body.replaceChildren(draw(card, (path, inputs) => press(entry, id, path, inputs)));
}

async function press(entry, id, path, inputs) {
  const buttons = entry.body.querySelectorAll("button");
  for (const each of buttons) each.disabled = true;
  entry.line.className = "line waiting";
  entry.line.textContent = "Working on it...";
  await attempt(async () => {
    await call("presses", { card: id, path, inputs, person: byId("person").value });
    await refresh();
  });
  for (const each of buttons) each.disabled = false;
  if (entry.line.className === "line waiting") drawLine(entry.line, {});
  else if (!entry.body.contains(document.activeElement)) focusOn(entry.line);
}

function focusOn(line) {
  line.tabIndex = -1; // the button that was pressed may be gone, and with it the keyboard's place
  line.focus({ preventScroll: true });
}

function drawLine(root, line) {
  root.className = line.text ? `line ${line.good ? "good" : "bad"}` : "line";
  root.replaceChildren();
  if (!line.text) return;
  root.append(node("p", "said", line.text));
  root.append(node("p", "detail", `${line.by}, ${at(line.at)} · ${line.status}${line.outcome ? ` ${line.outcome}` : ""}`));
}

function drawStanding(root, { status, stage, dispatch }) {
  const text = !status ? "" : describe(status, stage, dispatch);
  if (root.textContent !== text) root.textContent = text;
  root.dataset.dispatch = dispatch?.status ?? "";
}

function describe(status, stage, dispatch) {
  const where = status === "pending" && stage ? `${status}, stage ${stage}` : status;
  if (!dispatch || dispatch.status === "none") return `The relay's record: ${where}`;
  const tries = dispatch.attempts === 1 ? "1 attempt" : `${dispatch.attempts} attempts`;
  const why = dispatch.status !== "delivered" && dispatch.last_error ? `: ${dispatch.last_error}` : "";
  return `The relay's record: ${where}; dispatch ${dispatch.status} after ${tries}${why}`;
}

function drawDispatches(dispatches) {
  byId("none").hidden = dispatches.length > 0;
  const list = byId("dispatches");
  for (const each of [...dispatches].reverse()) {
    if (each.number <= shown) continue;
    shown = each.number;
    list.prepend(drawDispatch(each, list.childElementCount === 0 || each === dispatches[0]));
  }
}

function drawDispatch({ number, at: when, repository, headers, body, status, said }, open) {
  const item = node("li", "dispatch");
  item.dataset.status = status;
  const head = item.appendChild(node("div", "head"));
  head.append(node("span", status < 300 ? "status good" : "status bad", String(status)));
  head.append(node("strong", "", body?.event_type ?? "(unreadable)"), node("span", "when", at(when)));
  item.append(node("p", "path", `POST /repos/${repository}/dispatches`));
  if (said) item.append(node("p", "said", said));
  if (open) for (const each of byId("dispatches").querySelectorAll("details[open].payload")) each.open = false;
  const payload = item.appendChild(document.createElement("details"));
  payload.className = "payload";
  payload.open = open;
  payload.append(node("summary", "", "client_payload"), json(body?.client_payload ?? body));
  const more = item.appendChild(document.createElement("details"));
  more.append(node("summary", "", "Headers"), json(headers));
  item.setAttribute("aria-label", `Dispatch ${number}`);
  return item;
}

function json(value) {
  const made = node("pre", "");
  made.tabIndex = 0;
  const text = JSON.stringify(value, null, 2);
  let from = 0;
  for (const found of text.matchAll(/("(?:[^"\\]|\\.)*")(:)?|\b(?:true|false|null|-?\d+)\b/g)) {
    made.append(text.slice(from, found.index));
    made.append(node("span", found[2] ? "key" : found[1] ? "string" : "other", found[1] ?? found[0]));
    from = found.index + (found[1] ?? found[0]).length;
  }
  made.append(text.slice(from));
  return made;
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    await call("requests", { sample: byId("sample").value });
    await refresh();
  });
});

async function watch() {
  if (!document.hidden) await attempt(refresh);
  setTimeout(watch, EVERY);
}

await attempt(async () => {
  const state = await refresh();
  if (state.cards.length) return;
  await call("requests", { sample: state.samples[0].key });
  await refresh();
});
setTimeout(watch, EVERY);
