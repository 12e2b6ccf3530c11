// The actions of an Adaptive Card: what a host draws of them, and what a press does there.
//
// https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards

import { read } from "./adaptive-inputs.js";
import { button, node } from "./dom.js";
import { anchor, web } from "./markdown.js";

const WRONG = "Something went wrong. Please try again.";
const STYLES = { positive: "action primary", destructive: "action destructive" };
const ODD = 1.4; // from here on Outlook draws no Action.Http
let serial = 0;

/** Draw a row of actions and the panes that open below it. */
export function drawActions(actions, path, view) {
  if (!Array.isArray(actions) || !actions.length) return [];
  const row = node("div", "actions");
  const panes = [];
  for (const [index, action] of actions.entries()) add(action, [...path, index], { view, row, panes });
  return [...(row.childElementCount ? [row] : []), ...panes.map(({ pane }) => pane)];
}

function add(action, path, into) {
  const { view } = into;
  const found = ACTIONS[action?.type];
  const why = missing(action, view);
  if (found && !why) return found(action, path, into);
  if (why) view.note(why);
  if (action?.fallback?.type) return add(action.fallback, [...path, "fallback"], into);
  if (!why) view.note(`${action?.type || "An action without a type"}: the simulator does not draw it.`);
}

/** Return why the host draws no such action, or "". */
function missing(action, { host, version }) {
  const named = `“${action?.title || "A button"}”`;
  if (host !== "outlook") {
    return action?.type === "Action.Http" ? `${named} is missing: only Outlook draws Action.Http, Teams does not.` : "";
  }
  if (action?.type === "Action.Http" && version >= ODD) {
    return `${named} is missing: from version 1.4 on Outlook draws no Action.Http; declare 1.0.`;
  }
  if (action?.type === "Action.Submit") return `${named} is missing: Outlook draws no Action.Submit.`;
  return action?.type === "Action.Execute"
    ? `${named} is missing: in Outlook Action.Execute needs a bot on the Outlook channel.`
    : "";
}

const ACTIONS = {
  "Action.OpenUrl"(action, path, { row }) {
    const url = web(action.url);
    if (!url) return;
    const made = anchor(url);
    made.className = STYLES[action.style] ?? "action";
    made.textContent = action.title;
    row.append(made);
  },
  "Action.ShowCard"(action, path, { view, row, panes }) {
    const pane = node("div", "inputs");
    pane.id = `shown-${(serial += 1)}`;
    pane.hidden = true;
    const toggle = pressable(action, () => {
      const open = pane.hidden;
      for (const each of panes) show(each, open && each.pane === pane);
      if (open) pane.querySelector("textarea, input")?.focus();
    });
    toggle.setAttribute("aria-expanded", "false");
    toggle.setAttribute("aria-controls", pane.id);
    pane.append(...view.inner(action.card ?? {}, [...path, "card"], { ...view, outer: view, inputs: [] }));
    row.append(toggle);
    panes.push({ toggle, pane });
  },
  "Action.ToggleVisibility"(action, path, { view, row }) {
    row.append(
      pressable(action, () => {
        for (const each of action.targetElements ?? []) {
          const id = each?.elementId ?? each;
          const found = view.root.querySelector(`[data-element="${CSS.escape(String(id))}"]`);
          if (found) found.hidden = typeof each?.isVisible === "boolean" ? !each.isVisible : !found.hidden;
        }
      }),
    );
  },
  "Action.Execute": sent,
  "Action.Submit": sent,
  "Action.Http": sent,
};

function sent(action, path, { view, row }) {
  const dead = view.host === "workflows" || (view.host === "bot" && action.type === "Action.Submit");
  if (view.host === "workflows") {
    view.note(`“${action.title}” cannot work: a press goes to the flow that posted the card, not to the relay.`);
  } else if (dead) {
    view.note(`“${action.title}” is an Action.Submit, which the relay does not take: use Action.Execute.`);
  }
  row.append(
    pressable(action, () => {
      if (dead) return view.fail(WRONG);
      const given = read(around(view));
      if (given) view.press(path, given);
    }),
  );
}

/** An action sends the inputs of its own card and of those around it. */
function around({ outer, inputs }) {
  return outer ? [...around(outer), ...inputs] : inputs;
}

function pressable(action, press) {
  const made = button(STYLES[action.style] ?? "action", action.title || "", press);
  made.dataset.key = `${action.type}.${action.title}`;
  return made;
}

function show({ toggle, pane }, open) {
  pane.hidden = !open;
  toggle.setAttribute("aria-expanded", String(open));
}
