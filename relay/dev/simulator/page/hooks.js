// What the receivers of the policy's webhooks got, each event checked by its signature.

import { byId, clock, details, node } from "./dom.js";
import { redraw } from "./keep.js";

let told = "";

/** Draw what was received, if it changed. */
export function drawHooks(hooks) {
  const now = JSON.stringify(hooks);
  if (now === told) return;
  told = now;
  byId("hooks-part").hidden = hooks.channels.length === 0;
  byId("no-events").hidden = hooks.received.length > 0;
  redraw(byId("hooks"), hooks.received.map(drawOne));
}

function drawOne({ channel, id, fault, again, at, event }) {
  const root = node("li", "dispatch hook");
  const head = root.appendChild(node("div", "head"));
  head.append(node("span", fault ? "pill bad" : "pill good", fault ? "not genuine" : "verified"));
  head.append(node("strong", "", event.type ?? "no event"), node("span", "note", clock(at)));
  const title = event.data?.request?.title ?? "";
  root.append(node("p", "note", [title, `to ${channel}`, id, again && "once more", fault].filter(Boolean).join(" · ")));
  root.append(details(`event-${id}-${at}`, "The event", node("pre", "", JSON.stringify(event, null, 2))));
  return root;
}
