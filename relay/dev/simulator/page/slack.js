// Draws a message of Slack by its blocks: https://docs.slack.dev/reference/block-kit/blocks

import { button, node } from "./dom.js";
import { anchor, web } from "./markdown.js";
import { words } from "./mrkdwn.js";

const STYLES = { primary: "action primary", danger: "action destructive" };
let serial = 0;

/** Draw a message. `press` gets the path of a button and the inputs. Return {root, notes}. */
export function drawSlack(card, { press }) {
  const root = node("div", "card blocks");
  const notes = [];
  const view = { press, note: (text) => notes.includes(text) || notes.push(text), inputs: [] };
  for (const [index, block] of card.blocks.entries()) {
    const draw = BLOCKS[block?.type];
    if (draw) root.append(...draw(block, ["blocks", index], view));
    else view.note(`${block?.type || "A block without a type"}: the simulator does not draw it.`);
  }
  return { root, notes };
}

const BLOCKS = {
  header: (block) => [words(block.text, node("h3", "title"))],
  divider: () => [node("hr")],
  section(block) {
    const made = node("div", "section");
    if (block.text) words(block.text, made.appendChild(node("p", "words")));
    if (block.fields) {
      const fields = made.appendChild(node("div", "pairs"));
      for (const each of block.fields) words(each, fields.appendChild(node("p", "words")));
    }
    return [made];
  },
  context(block) {
    const made = node("div", "context");
    for (const each of block.elements ?? []) words(each, made.appendChild(node("p", "words")));
    return [made];
  },
  image: (block) => [node("p", "picture", block.alt_text || "A picture, which this page does not load")],
  input: (block, path, view) => [drawInput(block, view)],
  actions(block, path, view) {
    const row = node("div", "actions");
    for (const [index, each] of (block.elements ?? []).entries()) row.append(...drawButton(each, [...path, "elements", index], view));
    return [row];
  },
};

/** A box in a message keeps what was typed for as long as its block_id stays. */
function drawInput(block, view) {
  const root = node("div", "input");
  const field = node(block.element.multiline ? "textarea" : "input");
  field.id = `slack-${(serial += 1)}`;
  field.dataset.key = `input.${block.block_id}`;
  if (block.element.max_length) field.maxLength = block.element.max_length;
  const label = words(block.label, node("label"));
  label.htmlFor = field.id;
  root.append(label, field);
  view.inputs.push([block.element.action_id, field]);
  return root;
}

function drawButton(each, path, view) {
  if (each?.type !== "button") return [];
  if (each.url) {
    const url = web(each.url);
    if (!url) return [];
    const made = anchor(url);
    made.className = "action";
    words(each.text, made);
    return [made];
  }
  const send = () => view.press(path, Object.fromEntries(view.inputs.map(([id, field]) => [id, field.value])));
  const made = button(STYLES[each.style] ?? "action", "", () => (each.confirm ? ask(each.confirm, made, send) : send()));
  words(each.text, made);
  made.dataset.key = path.join(".");
  return [made];
}

/** Ask before a press counts. The dialog holds the focus, and gives it back to the button. */
function ask(confirm, from, send) {
  const dialog = node("dialog", "confirm");
  const title = words(confirm.title, node("h4"));
  title.id = `confirm-${(serial += 1)}`;
  dialog.setAttribute("aria-labelledby", title.id);
  const row = node("div", "actions");
  const done = (yes) => {
    dialog.close();
    dialog.remove();
    from.focus({ preventScroll: true });
    if (yes) send();
  };
  const deny = button("action", "", () => done(false));
  const agree = button("action primary", "", () => done(true));
  row.append(words(confirm.deny, deny) && deny, words(confirm.confirm, agree) && agree);
  dialog.append(title, words(confirm.text, node("p", "words")), row);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    done(false);
  });
  document.body.append(dialog);
  dialog.showModal();
}
