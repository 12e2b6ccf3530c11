// The `relay send` command that makes what the form says, asked of the simulator after each pause in typing.

import { call } from "./api.js";
import { copying } from "./copy.js";
import { byId, put } from "./dom.js";
import { read } from "./form.js";
import { chosenProof } from "./proof.js";
import { chosenPlaces } from "./where.js";

const PAUSE = 250; // milliseconds
let timer;
let asked = 0;

export function watchCommand() {
  copying(byId("copy-command"), () => byId("command").textContent);
  copying(byId("copy-environment"), () => byId("environment").textContent);
}

export function refreshCommand() {
  clearTimeout(timer);
  timer = setTimeout(show, PAUSE);
}

async function show() {
  const number = (asked += 1);
  const { form, wrong } = read();
  if (wrong) return tell("It follows once the marked field can be read.");
  try {
    const { command, environment } = await call("command", { form, places: chosenPlaces(), proof: chosenProof() });
    if (number !== asked) return; // a later answer is under way
    put(byId("command"), command);
    put(byId("environment"), environment);
    byId("command-note").hidden = chosenPlaces().length < 2;
    tell("");
  } catch (error) {
    if (number === asked) tell(error.message);
  }
}

function tell(message) {
  put(byId("command-trouble"), message);
  byId("command-trouble").hidden = !message;
  byId("command").classList.toggle("old", Boolean(message));
}
