// The policy editor: the relay's own check of a policy, asked after each pause in typing.

import { call } from "./api.js";
import { copying } from "./copy.js";
import { button, byId, node, put } from "./dom.js";

const PAUSE = 300; // milliseconds
const KEPT = "policy";
let inForce = null;
let timer;
let asked = 0;

export function buildPolicy() {
  const text = byId("policy-text");
  byId("open-policy").addEventListener("click", openPolicy);
  byId("close-policy").addEventListener("click", () => byId("policy").close());
  byId("reset-policy").addEventListener("click", () => {
    text.value = inForce ?? text.value;
    typed();
    text.focus();
  });
  copying(byId("copy-policy"), () => text.value);
  text.addEventListener("input", typed);
  text.addEventListener("scroll", () => (byId("lines").scrollTop = text.scrollTop));
}

async function openPolicy() {
  byId("policy").showModal();
  if (inForce !== null) return;
  try {
    inForce = (await call("policy")).text;
    byId("policy-text").value = sessionStorage.getItem(KEPT) ?? inForce;
    typed();
  } catch (error) {
    summary("bad", error.message);
  }
}

function typed() {
  const text = byId("policy-text").value;
  if (text === inForce) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, text); // a reload keeps what was typed
  number(text, new Set());
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

async function check() {
  const turn = (asked += 1);
  const text = byId("policy-text").value;
  try {
    const found = await call("policy", { text });
    if (turn === asked) show(text, found);
  } catch (error) {
    if (turn === asked) summary("bad", error.message);
  }
}

function show(text, { ok, problems, warnings, summary: said }) {
  number(text, new Set(problems.map((each) => each.line)));
  byId("problems").replaceChildren(...problems.map(problem), ...warnings.map((each) => warning(each)));
  summary(ok ? (warnings.length ? "doubtful" : "good") : "bad", said);
}

function summary(state, said) {
  byId("policy-summary").dataset.state = state;
  put(byId("policy-summary"), said);
}

function problem({ line, column, message, hint }) {
  const item = node("li", "problem");
  const place = line ? `${line}:${column}` : "";
  const made = button("", "", () => goto(line, column));
  made.append(node("span", "place", place), node("span", "message", message));
  if (hint) made.append(node("span", "hint", hint));
  item.append(made);
  return item;
}

function warning(text) {
  const found = /^(\d+):(\d+): (.*)$/s.exec(text);
  if (found) return doubt(problem({ line: Number(found[1]), column: Number(found[2]), message: found[3] }));
  return doubt(node("li", "problem plain", text));
}

function doubt(item) {
  item.classList.add("doubt");
  return item;
}

function goto(line, column) {
  const text = byId("policy-text");
  const lines = text.value.split("\n");
  const start = lines.slice(0, Math.max(line - 1, 0)).reduce((sum, each) => sum + each.length + 1, 0);
  const at = start + Math.min(Math.max(column - 1, 0), lines[line - 1]?.length ?? 0);
  text.focus();
  text.setSelectionRange(at, at);
  const height = text.scrollHeight / lines.length;
  text.scrollTop = Math.max(0, (line - 1) * height - text.clientHeight / 3);
  text.scrollLeft = 0;
}

function number(text, wrong) {
  const lines = byId("lines");
  const count = text.split("\n").length;
  if (lines.childElementCount !== count) {
    lines.replaceChildren(...Array.from({ length: count }, (_, at) => node("span", "", String(at + 1))));
  }
  for (const [at, each] of [...lines.children].entries()) each.classList.toggle("bad", wrong.has(at + 1));
  lines.scrollTop = byId("policy-text").scrollTop;
}
