// The form of a request: filled from a sample, read as POST /api/requests takes it, marked where the relay refuses.

import { call } from "./api.js";
import { control, reveal } from "./controls.js";
import { byId, details, node, put } from "./dom.js";
import { FIRST, GROUPS } from "./fields.js";
import { chosenProof } from "./proof.js";
import { chosenPlaces } from "./where.js";

const EMPTY = "empty";
const FORBIDDEN = 403; // by the policy
const CURE = "What may be asked stands in the policy, which opens at the top of this page.";
const controls = new Map();
let samples = [];

/** Build the form; `changed` is called after each change of it, `sent` after the relay has taken it. */
export function buildForm(changed, sent) {
  for (const field of FIRST) byId("first-fields").append(build(field));
  for (const group of GROUPS) {
    const fields = node("div", "fields");
    fields.append(...group.fields.map(build));
    const made = details(`group-${group.title}`, group.title, fields);
    made.open = Boolean(group.open);
    byId("more-fields").append(made);
  }
  byId("ask").addEventListener("input", (event) => event.target.id !== "sample" && changed());
  byId("sample").addEventListener("change", () => {
    fill(samples.find((each) => each.key === byId("sample").value)?.form ?? {});
    changed();
  });
  byId("ask").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await send()) sent();
  });
}

/** Offer the samples, and fill the form with the first. Only the first call does anything. */
export function offer(offered) {
  if (samples.length || !offered.length) return false;
  samples = offered;
  for (const each of samples) byId("sample").append(new Option(each.label, each.key));
  byId("sample").append(new Option("An empty form", EMPTY));
  fill(samples[0].form);
  return true;
}

/** Return the form without its absent fields, and the name of the first field that cannot be read, or "". */
export function read() {
  const form = {};
  let wrong = "";
  for (const [name, each] of controls) {
    if (each.trouble()) wrong ||= name;
    const value = each.value();
    if (value !== undefined) form[name] = value;
  }
  return { form, wrong };
}

/** Send the form. Return whether the relay has taken it; a refusal is shown at the field that it names. */
export async function send() {
  if (byId("send").hasAttribute("aria-disabled")) return false;
  const { form, wrong } = read();
  say("");
  if (wrong) return refuse(wrong, controls.get(wrong).trouble());
  byId("send").setAttribute("aria-disabled", "true"); // not disabled, which would take the focus away
  try {
    await call("requests", { form, places: chosenPlaces(), proof: chosenProof() });
    return true;
  } catch (error) {
    return refuse(error.field, error.status === FORBIDDEN ? `${error.message} ${CURE}` : error.message);
  } finally {
    byId("send").removeAttribute("aria-disabled");
  }
}

function build(field) {
  const made = control(field);
  controls.set(field.name, made);
  return made.root;
}

function fill(form) {
  for (const [name, each] of controls) each.set(form[name]);
  say("");
}

function refuse(name, message) {
  const found = controls.get(name);
  if (!found) {
    say(message);
    return false;
  }
  const bare = message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message;
  found.mark(bare.charAt(0).toUpperCase() + bare.slice(1));
  reveal(found.root);
  found.focus();
  return false;
}

function say(message) {
  put(byId("form-trouble"), message);
  byId("form-trouble").hidden = !message;
  if (message) byId("form-trouble").scrollIntoView({ block: "center" });
}
