// The page: follows the live state, and hands each part of it to the module that draws it.

import { buildChat, drawCards, drawPeople, uncover } from "./chat.js";
import { refreshCommand, watchCommand } from "./command.js";
import { announce } from "./announce.js";
import { byId, put } from "./dom.js";
import { buildEnvironments, drawEnvironments } from "./environments.js";
import { buildForm, offer, send } from "./form.js";
import { drawDispatches, drawModes } from "./github.js";
import { buildGuide, drawGuide } from "./guide.js";
import { drawHooks } from "./hooks.js";
import { drawOutbox } from "./outbox.js";
import { buildProof } from "./proof.js";
import { buildPolicy } from "./policy.js";
import { drawRequests } from "./requests.js";
import { drawEnds } from "./runs.js";
import { buildSay, offerRooms } from "./say.js";
import { follow } from "./stream.js";
import { buildTabs, notice } from "./tabs.js";
import { chosenPlaces, offerPlaces } from "./where.js";

const WORDS = { live: "Live", lost: "Not connected", closed: "Not connected" };
let first = true;

function draw(state) {
  drawPeople(state.people);
  drawModes(state.github, failed);
  offerRooms(state.rooms);
  drawEnds(state.runs, failed);
  const cards = drawCards(state.cards);
  const requests = drawRequests(state.cards, state.dispatches);
  const dispatches = drawDispatches(state.dispatches);
  drawHooks(state.hooks);
  const owed = drawOutbox(state.outbox, failed);
  const gates = drawEnvironments(state.environments, failed);
  drawGuide(state);
  if (!first) {
    notice("chat", cards);
    notice("workflow", requests);
    notice("github", dispatches || Number(owed || gates));
  }
  first = false;
  offerPlaces(state.places, refreshCommand);
  if (!offer(state.samples)) return;
  refreshCommand();
  if (!state.cards.length) send(); // so that there is something to press at once
}

function tell({ state, message = "", seconds = 0 }) {
  const connection = byId("connection");
  const before = connection.dataset.state;
  connection.dataset.state = state;
  put(connection.querySelector(".word"), seconds ? `${WORDS[state]}, again in ${seconds} s` : WORDS[state]);
  if (message) trouble(message);
  else if (before !== state) trouble("");
}

function trouble(message) {
  put(byId("trouble"), message);
  byId("trouble").hidden = !message;
}

function failed(error) {
  trouble(error.message);
}

document.addEventListener("click", () => byId("connection").dataset.state === "live" && trouble(""), { capture: true });
buildTabs();
buildGuide();
buildChat();
buildPolicy();
buildEnvironments(failed);
buildForm(refreshCommand, () => {
  uncover(chosenPlaces());
  byId("chat").querySelector(".scroll").scrollTop = 0;
  announce("The card was sent.");
});
watchCommand();
buildProof(refreshCommand);
buildSay();
follow(draw, tell);
