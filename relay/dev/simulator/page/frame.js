// The frame of a message: who it is from, where and when it came, and what its chat offers beside the card.

import { button, clock, day, details, node } from "./dom.js";
import { source as sourceOf } from "./source.js";

const SENDERS = {
  outlook: { name: "Approval relay", face: "AR", address: " <relay@octo.example>" },
  bot: { name: "Approval relay", face: "AR", tag: "Bot" },
  slack: { name: "Approval relay", face: "AR", tag: "App" },
  webhook: { name: "Incoming webhook", face: "WH" },
  workflows: { name: "Workflows", face: "WF", foot: "Someone used a Workflow to send this card." },
};
let serial = 0;

/** Return the parts of a message; `everyone` is called when another view is wanted, `refresh` for another card. */
export function frame(each, person, { everyone, refresh }) {
  const { id, source, host, where, at, title, subject } = each;
  const root = node("article", "message");
  root.dataset.app = ["outlook", "slack"].includes(host) ? host : "teams";
  root.dataset.host = host;
  root.setAttribute("aria-label", `${where}: ${title || "a card"}`);
  const { name, face, address = "", tag, foot } = SENDERS[host === "outlook" && source === "webhook" ? source : host];
  const named = node("div", "named");
  named.append(node("strong", "", name), node("span", "mailbox", address));
  if (tag) named.append(" ", node("span", "tag", tag));
  const to = node("span", "", person);
  const place = node("p", "where", host === "outlook" ? "To: " : where);
  if (host === "outlook") place.append(each.to || to);
  named.append(place);
  const time = node("time", "when", clock(at));
  time.dateTime = new Date(at * 1000).toISOString();
  time.title = day(at);
  const avatar = node("span", "avatar", face);
  avatar.setAttribute("aria-hidden", "true");
  const sender = node("div", "sender");
  sender.append(avatar, named, time);
  const body = node("div", "body");
  const line = node("div", "line");
  const notes = node("ul", "notes");
  notes.setAttribute("aria-label", "To the author");
  const views = host === "bot" ? viewsOf(everyone, refresh) : { root: "", show: () => {} };
  const standing = node("p", "case");
  const replies = node("div", "replies");
  const json = sourceOf(title || "a card");
  root.append(...(host === "outlook" ? [node("p", "subject", subject || "(no subject)")] : []));
  root.append(sender, body, line, views.root, notes, ...(foot && !each.failed ? [node("p", "foot", foot)] : []), standing, json.root, replies);
  if (each.mail) root.append(fallback(id));
  return { root, to, body, line, notes, views, standing, json, replies };
}

/** A card of a bot is one thing for everyone, and another for whoever pressed: both can be looked at. */
function viewsOf(everyone, refresh) {
  const root = node("div", "views");
  const choice = root.appendChild(node("fieldset", "choice"));
  choice.append(node("legend", "unseen", "Whose view of the card"));
  const group = `view-${(serial += 1)}`;
  const radios = [["Your view", false], ["Everyone's view", true]].map(([label, wanted]) => {
    const made = choice.appendChild(node("label"));
    const radio = made.appendChild(node("input"));
    Object.assign(radio, { type: "radio", name: group });
    radio.addEventListener("change", () => everyone(wanted));
    made.append(node("span", "", label));
    return radio;
  });
  const again = button("small", "Refresh card", refresh);
  root.append(again);
  return {
    root,
    show: ({ own, everyone: all, refresh: can }) => {
      choice.hidden = !own;
      radios[Number(all)].checked = true;
      again.hidden = !can;
      root.hidden = !own && !can;
    },
  };
}

/** The HTML of a mail, for programs that draw no cards: in a frame without any rights, loaded when it is wanted. */
function fallback(id) {
  const made = details(`mail-${id}`, "Where no card is drawn: the mail's own text");
  made.className = "fallback";
  made.addEventListener("toggle", () => {
    if (!made.open || made.querySelector("iframe")) return;
    const shown = document.createElement("iframe");
    shown.title = "The mail without its card";
    shown.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
    shown.src = `/simulator/mail/${encodeURIComponent(id)}`;
    made.append(shown);
  });
  return made;
}
