// Slack's own markup: https://docs.slack.dev/messaging/formatting-message-text

import { day, node } from "./dom.js";
import { anchor, web } from "./markdown.js";
import { nameOf } from "./mentions.js";

const TOKEN = /<([^<>]*)>|`([^`\n]+)`|(?<![\p{L}\p{N}])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])_(?=\S)([^_\n]+?)(?<=\S)_(?![\p{L}\p{N}])/gu;
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** Put a text object of Slack into `root`: a plain_text as it is, a mrkdwn with its marks. */
export function words(text, root) {
  if (text?.type !== "mrkdwn") root.append(String(text?.text ?? ""));
  else marked(String(text.text ?? ""), root);
  return root;
}

function marked(text, root) {
  let end = 0;
  for (const found of text.matchAll(TOKEN)) {
    root.append(plain(text.slice(end, found.index)));
    end = found.index + found[0].length;
    const [, token, code, bold, slanted] = found;
    if (token !== undefined) root.append(drawToken(token));
    else if (code !== undefined) root.append(node("code", "", plain(code)));
    else if (bold !== undefined) marked(bold, root.appendChild(node("strong")));
    else marked(slanted, root.appendChild(node("em")));
  }
  root.append(plain(text.slice(end)));
}

const plain = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

function drawToken(token) {
  const [target, label] = token.split(/\|(.*)/s);
  if (target.startsWith("@")) return node("span", "mention", `@${nameOf(target.slice(1))}`);
  const date = /^!date\^(\d+)\^/.exec(target);
  if (date) return day(Number(date[1]));
  const url = web(plain(target));
  if (!url) return plain(label ?? target);
  const made = anchor(url);
  made.textContent = plain(label ?? target);
  return made;
}
