// Environments: a job that waits for the relay's verdict, what its run's page says, and how it was decided.

import { announce } from "./announce.js";
import { call } from "./api.js";
import { button, byId, clock, details, node, pairs, put } from "./dom.js";
import { redraw } from "./keep.js";
import { inline, markdown } from "./markdown.js";

const PILLS = { waiting: "open", approved: "good", rejected: "bad", cancelled: "bad" };
let told = "";

/** Let the button start a job that waits; `failed` is told of errors. */
export function buildEnvironments(failed) {
  const start = byId("wait");
  start.addEventListener("click", async () => {
    if (start.hasAttribute("aria-disabled")) return;
    start.setAttribute("aria-disabled", "true");
    await call("environments", {}).catch(failed);
    start.removeAttribute("aria-disabled");
  });
}

/** Draw the jobs, if they changed; return whether one of them did. */
export function drawEnvironments({ repository, environment, jobs }, failed) {
  const now = JSON.stringify([repository, environment, jobs]);
  if (now === told) return false;
  const first = !told;
  told = now;
  byId("jobs-part").hidden = !repository;
  put(byId("wait"), `Deploy ${repository} to ${environment}`);
  byId("no-jobs").hidden = jobs.length > 0;
  redraw(byId("jobs"), jobs.map((each) => drawJob(each, failed)));
  if (!first && jobs[0]) announce(`The job of run ${jobs[0].run_id} is ${words(jobs[0])}.`);
  return !first;
}

function words({ state, environment }) {
  return state === "waiting" ? `waiting at ${environment}` : state;
}

function drawJob(job, failed) {
  const { number, at, repository, environment, run_id: run, by, state, said, answer, reports } = job;
  const root = node("li", "job");
  root.dataset.state = state;
  const head = root.appendChild(node("div", "head"));
  head.append(node("span", `pill ${PILLS[state] ?? "soft"}`, state));
  head.append(node("strong", "", environment));
  head.append(node("span", "when", clock(at)));
  root.append(node("p", "path", `${repository}, run ${run}`));
  if (said) markdown(said, root.appendChild(node("div", "verdict")));
  const entries = [["Started by", by], ["Webhook", answer || "on its way"]];
  root.append(pairs("facts", entries));
  if (reports.length) root.append(onThePage(number, reports));
  if (state === "waiting") root.append(elsewhere(number, failed));
  return root;
}

function onThePage(number, reports) {
  const list = node("ol", "told");
  for (const each of reports) inline(each, list.appendChild(node("li")));
  const more = details(`reports-${number}`, `On the run's page: ${reports.length}`, list);
  more.open = true;
  return more;
}

/** Return the buttons of what people may do at GitHub itself. */
function elsewhere(number, failed) {
  const root = node("div", "elsewhere");
  for (const [end, label] of [["passed", "Let it pass, as an administrator"], ["cancelled", "Cancel the run"]]) {
    const made = button("small", label, () => call("environments/end", { number, end }).catch(failed));
    made.dataset.key = `${end}-${number}`;
    root.append(made);
  }
  return root;
}
