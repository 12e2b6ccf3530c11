// The runs that dispatches start: how they end, and each webhook that GitHub sent of one.

import { call } from "./api.js";
import { byId, details, node, put } from "./dom.js";

const WORDS = {
  queued: "waits to start",
  in_progress: "has started",
  success: "succeeded",
  failure: "failed",
  cancelled: "was cancelled",
};
let ends = [];

/** Draw the choices once, and how they stand unless somebody is about to change them. `failed` is told of errors. */
export function drawEnds({ end, text, ends: offered }, failed) {
  if (!ends.length) {
    ends = offered;
    for (const each of ends) byId("ends").append(drawEnd(each, failed));
    byId("report").addEventListener("change", () => choose(failed));
  }
  if (!byId("report").matches(":focus")) byId("report").value = text;
  const chosen = [...byId("ends").querySelectorAll("input")].find((each) => each.value === end);
  if (chosen && !chosen.checked && !byId("ends").matches("[aria-busy]")) chosen.checked = true;
  put(byId("end-note"), ends.find((each) => each.key === end)?.note ?? "");
}

function drawEnd({ key, label: words }, failed) {
  const label = node("label");
  const radio = label.appendChild(node("input"));
  Object.assign(radio, { type: "radio", name: "end", value: key });
  radio.addEventListener("change", () => choose(failed));
  label.append(node("span", "", words));
  return label;
}

async function choose(failed) {
  byId("ends").setAttribute("aria-busy", "true");
  const end = byId("ends").querySelector(":checked").value;
  await call("runs", { end, text: byId("report").value }).catch(failed);
  byId("ends").removeAttribute("aria-busy");
}

/** Draw how a run goes, and what the relay answered to the webhooks. */
export function drawRun(root, run) {
  const told = JSON.stringify(run ?? null);
  if (root.dataset.told === told) return;
  root.dataset.told = told;
  root.hidden = !run;
  if (!run) return;
  const open = root.querySelector("details")?.open;
  root.dataset.state = run.state;
  const line = node("p", "state", `The run ${WORDS[run.state] ?? run.state}`);
  line.append(" ", node("code", "", run.id));
  const list = node("ol", "told");
  for (const each of run.told) list.append(node("li", "", `workflow_run ${each.action}: ${each.answer}`));
  const more = details("webhooks", "Webhooks", list);
  more.open = Boolean(open);
  root.replaceChildren(line, more);
}

/** Return the words for a run as the relay tells of it. */
export function runWords({ status, by }) {
  const state = status === "running" ? "in_progress" : status;
  return `The run ${WORDS[state] ?? status}${by === "report" ? ", as its workflow reports" : ""}`;
}
