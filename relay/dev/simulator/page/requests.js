// What became of each request: asked, judged, dispatched, and proven in the workflow that was released.

import { announce } from "./announce.js";
import { byId, clock, details, node, pairs } from "./dom.js";
import { redraw } from "./keep.js";
import { runWords } from "./runs.js";

const DISPATCH = {
  owed: "GitHub has not taken the dispatch yet",
  delivered: "GitHub took the dispatch",
  refused: "GitHub refused the dispatch",
  dead: "GitHub never took the dispatch",
};
const drawn = new Map();

/** Draw the requests that changed; return how many. */
export function drawRequests(cards, dispatches) {
  const oldest = [...cards].reverse().filter((each) => each.request);
  const asked = [...new Map(oldest.map((each) => [each.request.id, each])).values()]; // one request may have many cards
  byId("no-requests").hidden = asked.length > 0;
  const kept = new Set(asked.map((each) => each.request.id));
  for (const [id, { root }] of drawn) {
    if (kept.has(id)) continue;
    root.remove();
    drawn.delete(id);
  }
  return asked.filter((each) => drawOne(each, taken(each.request.id, dispatches))).length;
}

/** The newest dispatch of a decision that GitHub took; a newer attempt may repeat it. */
function taken(id, dispatches) {
  const sent = dispatches.filter((each) => decided(each) && each.body.client_payload.approval.id === id);
  return sent.find((each) => each.taken && each.verify) ?? sent.find((each) => each.taken);
}

/** Tell whether a dispatch follows from a decision: a preview does not. */
export const decided = ({ body }) => ["approved", "rejected"].includes(body?.client_payload?.approval?.decision);

function drawOne({ at, title: called, request }, dispatch) {
  const { id } = request;
  const told = JSON.stringify([request, dispatch?.verify, Boolean(dispatch)]);
  const entry = drawn.get(id) ?? { root: node("article", "request"), told: "" };
  if (entry.told === told) return false;
  if (!drawn.has(id)) byId("requests").prepend(entry.root);
  if (dispatch?.verify && !entry.verified && entry.told) announce(`relay verify: ${verdict(dispatch.verify)}.`);
  entry.verified = Boolean(dispatch?.verify);
  entry.told = told;
  drawn.set(id, entry);
  entry.root.dataset.status = request.status;
  entry.root.dataset.dispatch = request.dispatch?.status ?? "none";
  const title = node("h4", "", called || "A request");
  const head = node("div", "row");
  head.append(title, node("span", `pill ${request.status}`, request.status || "unknown"));
  const steps = node("ol", "steps");
  steps.append(
    step("done", request.requested_by ? `Asked by ${request.requested_by}` : "Asked", clock(at)),
    ...(request.reviews ?? []).map(review),
    ...waiting(request),
    ...paid(request.dispatch),
    ...proof(dispatch, request),
    ...ran(request),
  );
  redraw(entry.root, [head, steps]);
  return true;
}

function step(state, text, when = "", ...more) {
  const made = node("li", state);
  const line = node("p", "", text);
  if (when) line.append(" ", node("span", "when", when));
  made.append(line, ...more);
  return made;
}

function review({ verdict: given, by, stage, at, comment }) {
  const approved = given === "approve";
  const said = comment ? [node("p", "comment", comment)] : [];
  const where = stage ? `, stage ${stage}` : "";
  const text = `${by?.name || by?.id} ${approved ? "approved" : "rejected"}${where}`;
  return step(approved ? "done" : "bad", text, clock(at), ...said);
}

function waiting({ status, stage }) {
  if (status === "pending") return [step("open", stage ? `Waits for stage ${stage}` : "Waits for a decision")];
  return ["approved", "rejected"].includes(status) ? [] : [step("bad", `It is ${status}: nothing else happens`)];
}

function paid(dispatch) {
  if (!DISPATCH[dispatch?.status]) return [];
  const { status, attempts, last_error: error } = dispatch;
  const tries = attempts > 1 ? `, after ${attempts} attempts` : "";
  const state = { delivered: "done", owed: "open" }[status] ?? "bad";
  const why = error && status !== "delivered" ? [node("p", "comment", error)] : [];
  return [step(state, DISPATCH[status] + tries, "", ...why)];
}

const verdict = ({ exit }) => (exit === 0 ? "proven" : exit === null ? "it was ended" : `exit ${exit}`);

function proof(dispatch, { dispatch: debt }) {
  if (!dispatch) return [];
  const run = dispatch.verify;
  if (!run) return debt?.status === "delivered" ? [step("open", "The released workflow runs relay verify")] : [];
  const good = run.exit === 0;
  const shown = Object.entries(run.outputs ?? {}).map(([name, value]) => [name, String(value) || "(empty)"]);
  const text = good ? "The new run proved who decided" : `relay verify: ${verdict(run)}, so nothing is released`;
  const more = details("verify", "relay verify", code(`$ ${run.command}`), ...(good ? [pairs("outputs", shown)] : []));
  if (run.output) more.append(good ? details("printed", "What it printed", code(run.output)) : code(run.output));
  if (!good) more.open = true;
  return [step(good ? "done proof" : "bad proof", text, "", more)];
}

function ran({ run, status }) {
  if (!run) return [];
  const state = { success: "done", failure: "bad", cancelled: "bad" }[run.status] ?? "open";
  const said = run.text ? [node("p", "comment", run.text)] : [];
  const words = status === "pending" ? runWords(run).replace("The run", "The run before the decision") : runWords(run);
  return [step(state, words, clock(run.at), ...said)];
}

function code(text) {
  const made = node("pre", "", text);
  made.tabIndex = 0;
  return made;
}
