// The text of an Adaptive Card: Markdown without code, and mentions of those whom the card names.
//
// https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
// https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features

import { node } from "./dom.js";
import { inline, markdown } from "./markdown.js";

const OPEN = "<at>";
const CLOSE = "</at>";
const TIMES = /\{\{(DATE|TIME)\(([0-9TZ:.+-]+)(?:, *(COMPACT|SHORT|LONG))?\)\}\}/g;

export function paragraphs(text, into, { host, entities }) {
  markdown(local(text, host), into, [mention(entities)]);
}

export function line(text, into, { host, entities }) {
  inline(local(text, host), into, [mention(entities)]);
}

/** Teams shows a time in the reader's own zone and language; Outlook on Windows leaves it as it was written. */
function local(text, host) {
  if (host === "outlook") return text;
  return String(text ?? "").replace(TIMES, (whole, kind, at, length) => {
    const moment = new Date(at);
    if (Number.isNaN(moment.getTime())) return whole;
    if (kind === "TIME") return moment.toLocaleTimeString(undefined, { timeStyle: "short" });
    return moment.toLocaleDateString(undefined, { dateStyle: { SHORT: "medium", LONG: "full" }[length] ?? "short" });
  });
}

/** A mention is one only where an entity of the card has exactly its text; otherwise it stands there as it was written. */
function mention(entities) {
  return (text, at) => {
    const end = text.startsWith(OPEN, at) ? text.indexOf(CLOSE, at) : -1;
    if (end < 0) return null;
    const whole = text.slice(at, end + CLOSE.length);
    const named = entities.find((each) => each?.type === "mention" && each.text === whole && each.mentioned?.id);
    if (!named) return null;
    const made = node("span", "mention", named.mentioned.name || text.slice(at + OPEN.length, end));
    made.title = named.mentioned.id;
    return { node: made, end: end + CLOSE.length };
  };
}
