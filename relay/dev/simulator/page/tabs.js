// On a narrow screen one column is shown at a time, and the others say how much is new in them.

import { byId, put } from "./dom.js";

const narrow = matchMedia("(max-width: 979.98px)");
const unseen = { workflow: 0, chat: 0, github: 0 };

export function buildTabs() {
  byId("tabs").addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tab]");
    if (tab) show(tab.dataset.tab);
  });
  narrow.addEventListener("change", () => show(document.body.dataset.shown));
  show(document.body.dataset.shown);
}

/** Count what is new in a column that is not in sight. */
export function notice(column, count) {
  if (!narrow.matches || column === document.body.dataset.shown) return;
  unseen[column] += count;
  badge(column);
}

/** Show a column, where only one is shown at a time. */
export function show(column) {
  document.body.dataset.shown = column;
  for (const each of Object.keys(unseen)) {
    if (!narrow.matches || each === column) unseen[each] = 0;
    badge(each);
    tab(each).setAttribute("aria-pressed", String(each === column));
  }
}

const tab = (column) => byId("tabs").querySelector(`[data-tab="${column}"]`);

function badge(column) {
  const made = tab(column).querySelector(".badge");
  put(made, unseen[column] ? ` ${unseen[column]} new` : "");
  made.hidden = !unseen[column];
}
