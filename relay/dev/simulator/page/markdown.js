// The small Markdown that Outlook and Teams draw in a card. Text goes into the page as text nodes only: what a card
// holds can never become markup.

const ESCAPABLE = /[!-/:-@[-`{-~]/;
const WORD = /[\p{L}\p{N}]/u;

/** Draw paragraphs and lists into `into`; `also` finds what else than links and emphasis stands in a line. */
export function markdown(text, into, also = [code]) {
  let list = null;
  for (const block of String(text ?? "").replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    list = null;
    let paragraph = [];
    const flush = () => {
      if (paragraph.length) inline(paragraph.join(" "), into.appendChild(document.createElement("p")), also);
      paragraph = [];
    };
    for (const line of block.split("\n")) {
      const item = /^\s*(?:[-*+]|(\d{1,9})[.)]) +(.*)$/.exec(line);
      if (item) {
        flush();
        const kind = item[1] ? "OL" : "UL";
        if (list?.tagName !== kind) list = into.appendChild(document.createElement(kind));
        inline(item[2], list.appendChild(document.createElement("li")), also);
      } else if (line.trim()) {
        list = null;
        paragraph.push(line.trim());
      }
    }
    flush();
  }
}

export function inline(source, into, also = [code]) {
  const text = String(source ?? "");
  let plain = "";
  const flush = () => {
    if (plain) into.append(plain);
    plain = "";
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\\" && ESCAPABLE.test(text[at + 1] ?? "")) {
      plain += text[at + 1];
      at += 1;
      continue;
    }
    const found = first([link, ...also, emphasis], text, at, also);
    if (found) {
      flush();
      into.append(found.node);
      at = found.end - 1;
    } else {
      plain += char;
    }
  }
  flush();
}

function first(readers, text, at, also) {
  for (const read of readers) {
    const found = read(text, at, also);
    if (found) return found;
  }
  return null;
}

function code(text, at) {
  const end = text[at] === "`" ? text.indexOf("`", at + 1) : -1;
  if (end < 0) return null;
  const node = document.createElement("code");
  node.textContent = text.slice(at + 1, end);
  return { node, end: end + 1 };
}

function emphasis(text, at, also) {
  const mark = text[at];
  if (mark !== "*" && mark !== "_") return null;
  const marks = text[at + 1] === mark ? mark + mark : mark;
  if (mark === "_" && WORD.test(text[at - 1] ?? "")) return null;
  const end = closing(text, at + marks.length, marks);
  if (end <= at + marks.length || text[at + marks.length] === " ") return null;
  const node = document.createElement(marks.length === 2 ? "strong" : "em");
  inline(text.slice(at + marks.length, end), node, also);
  return { node, end: end + marks.length };
}

function link(text, at, also) {
  if (text[at] !== "[") return null;
  const middle = closing(text, at + 1, "](");
  const end = middle < 0 ? -1 : closing(text, middle + 2, ")");
  if (end < 0) return null;
  const url = web(text.slice(middle + 2, end).trim());
  if (!url) return null;
  const node = anchor(url);
  inline(text.slice(at + 1, middle), node, also);
  return { node, end: end + 1 };
}

function closing(text, from, marks) {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text.startsWith(marks, at)) return at;
  }
  return -1;
}

export function web(address) {
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : "";
  } catch {
    return "";
  }
}

export function anchor(url) {
  const node = document.createElement("a");
  node.href = url;
  node.target = "_blank";
  node.rel = "noopener noreferrer";
  return node;
}
