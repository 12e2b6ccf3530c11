// What a message says beside its card of the request behind it: how it stands, and where else it was posted.

import { node } from "./dom.js";

const NEVER = "This card stays as it is: a webhook posts and cannot change what it posted.";

/** Draw the line below a message; it is the simulator's, no chat has it. */
export function drawCase({ standing }, { id, host, request }, cards) {
  const others = cards.filter((each) => request && each.id !== id && each.request?.id === request.id);
  const told = JSON.stringify([request?.status, others.map((each) => each.where)]);
  if (standing.dataset.told === told) return;
  standing.dataset.told = told;
  standing.replaceChildren();
  standing.hidden = !request;
  if (!request) return;
  standing.append(node("span", `pill ${request.status}`, request.status));
  const places = [...new Set(others.map((each) => each.where))].join("; ");
  if (places) standing.append(` One request, also in: ${places}.`);
  if (host === "workflows" && request.status !== "pending") standing.append(` ${NEVER}`);
}
