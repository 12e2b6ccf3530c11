// Elements and texts. What comes from outside is only ever set as text.

export const byId = (id) => document.getElementById(id);

export function node(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function button(name, text, press) {
  const made = node("button", name, text);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

export function details(key, summary, ...children) {
  const made = node("details");
  made.dataset.key = key;
  made.append(node("summary", "", summary), ...children);
  return made;
}

export function pairs(name, entries) {
  const list = node("dl", name);
  for (const [key, value] of entries) list.append(node("dt", "", key), node("dd", "", value));
  return list;
}

const clocks = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A moment given as Unix seconds or as ISO 8601. */
const moment = (at) => new Date(typeof at === "number" ? at * 1000 : at);
const shown = (format, at) => (Number.isNaN(moment(at).getTime()) ? String(at) : format.format(moment(at)));
export const clock = (at) => shown(clocks, at);
export const day = (at) => shown(days, at);

export function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return words.slice(0, 2).map((word) => [...word][0].toUpperCase()).join("");
}
