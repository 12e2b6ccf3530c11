// GitHub: how it behaves, and each dispatch as it arrived.

import { announce } from "./announce.js";
import { call } from "./api.js";
import { copying } from "./copy.js";
import { button, byId, clock, details, node, pairs, put } from "./dom.js";
import { json } from "./json.js";
import { drawRun } from "./runs.js";

const drawn = new Map();
let modes = [];

/** Draw the switch once, and which way it stands unless somebody is about to move it. `failed` is told of errors. */
export function drawModes({ mode, modes: offered }, failed) {
  if (!modes.length) {
    modes = offered;
    for (const each of modes) byId("modes").append(drawMode(each, failed));
  }
  const chosen = byId("modes").querySelector(`input[value="${CSS.escape(mode)}"]`);
  if (chosen && !chosen.checked && !byId("modes").matches("[aria-busy]")) chosen.checked = true;
  if (!byId("modes").matches(":hover, :focus-within") || !byId("mode-note").textContent) note(mode);
  byId("github").dataset.mode = mode;
}

/** Draw the dispatches that are new; return how many. */
export function drawDispatches(dispatches) {
  byId("no-dispatches").hidden = dispatches.length > 0;
  const kept = new Set(dispatches.map((each) => each.number));
  for (const [number, { root }] of drawn) {
    if (kept.has(number)) continue;
    root.remove();
    drawn.delete(number);
  }
  const first = drawn.size === 0;
  const fresh = [...dispatches].reverse().filter((each) => !drawn.has(each.number));
  for (const each of fresh) arrive(each, each === dispatches[0], first);
  for (const each of dispatches) {
    proven(drawn.get(each.number), each.verify);
    drawRun(drawn.get(each.number).run, each.run);
  }
  return fresh.length;
}

function drawMode(each, failed) {
  const label = node("label");
  const radio = label.appendChild(node("input"));
  Object.assign(radio, { type: "radio", name: "mode", value: each.key });
  radio.addEventListener("change", async () => {
    note(each.key);
    byId("modes").setAttribute("aria-busy", "true");
    await call("switch", { mode: each.key }).catch(failed);
    byId("modes").removeAttribute("aria-busy");
  });
  label.addEventListener("pointerenter", () => note(each.key));
  label.addEventListener("pointerleave", () => note(byId("modes").querySelector(":checked")?.value));
  label.append(node("span", "", each.label));
  return label;
}

function note(key) {
  put(byId("mode-note"), modes.find((each) => each.key === key)?.note ?? "");
}

function arrive(dispatch, newest, first) {
  const entry = drawDispatch(dispatch, newest);
  drawn.set(dispatch.number, entry);
  byId("dispatches").prepend(entry.root);
  if (!newest) return;
  for (const other of drawn.values()) if (other !== entry && !other.touched) other.body.open = false;
  const event = dispatch.body?.event_type ?? (dispatch.workflow || "a dispatch");
  if (!first) announce(`GitHub answered ${dispatch.status || "nothing"} to ${event}.`);
}

function drawDispatch({ number, at, repository, workflow, headers, body, status, said, taken }, open) {
  const root = node("li", "dispatch");
  root.dataset.status = status;
  const head = root.appendChild(node("div", "head"));
  const good = status >= 200 && status < 300;
  head.append(node("span", `pill ${good ? "good" : "bad"}`, status ? String(status) : "no answer"));
  head.append(node("strong", "", body?.event_type ?? (workflow || "(unreadable)")));
  if (taken && !good) head.append(node("span", "pill soft", "taken all the same"));
  const proof = head.appendChild(node("span", "pill good proof", "proven"));
  proof.hidden = true;
  head.append(node("span", "when", clock(at)));
  root.append(node("p", "path", `POST /repos/${repository}${workflow && `/actions/workflows/${workflow}`}/dispatches`));
  if (said) root.append(node("p", "said", said));
  const approval = body?.client_payload?.approval ?? approvalIn(body?.inputs);
  if (approval) root.append(glance(approval));
  const run = root.appendChild(node("div", "run"));
  run.hidden = true;
  const shown = json(body, { marked: "approval", label: `Body of dispatch ${number}` });
  const copy = button("small", "Copy", () => {});
  copy.setAttribute("aria-label", `Copy the body of dispatch ${number}`);
  copying(copy, () => JSON.stringify(body, null, 2));
  const wrapped = node("div", "copied");
  wrapped.append(shown, copy);
  const payload = details("body", "Body", wrapped);
  payload.classList.add("payload");
  payload.open = open;
  root.append(payload, details("headers", "Headers", json(headers, { label: `Headers of dispatch ${number}` })));
  const entry = { root, body: payload, proof, run, touched: false };
  payload.querySelector("summary").addEventListener("click", () => (entry.touched = true));
  return entry;
}

/** Return the approval that a workflow gets as one of its inputs, which are texts. */
function approvalIn(inputs) {
  try {
    return JSON.parse(inputs?.approval);
  } catch {
    return undefined;
  }
}

function glance({ decision, environment, reviews, receipt, run }) {
  const by = (reviews ?? []).map((each) => each.by?.name || each.by?.id).join(", ");
  const root = node("div", `glance ${decision}`);
  root.append(node("code", "", "approval"));
  const signed = receipt && "signed by the relay";
  const entries = [["Decision", decision], ["Run", run], ["By", by], ["For", environment], ["Receipt", signed]];
  root.append(pairs("facts", entries.filter(([, value]) => value)));
  return root;
}

function proven({ proof }, verify) {
  if (!verify || !proof.hidden) return;
  proof.className = `pill proof ${verify.exit === 0 ? "good" : "bad"}`;
  proof.textContent = verify.exit === 0 ? "proven" : "not proven";
  proof.hidden = false;
}
