// Reads one JSON list of texts a line, and writes for each text the kinds of Markdown in it, and its addresses.
const readline = require("readline");
const markdownit = require("markdown-it");

// HTML and bare addresses are looked for as well: a host may draw them.
const parser = markdownit({ html: true, linkify: true });
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
const PLAIN = new Set(["paragraph_open", "paragraph_close", "inline", "text", "text_special"]);

function look(tokens, found) {
  for (const token of tokens) {
    if (!PLAIN.has(token.type)) found.kinds.add(token.type);
    if (token.type === "link_open") found.addresses.add(token.attrGet("href"));
    if (token.type === "text" || token.type === "text_special") found.shown += token.content;
    look(token.children ?? [], found);
  }
  return found;
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const all = JSON.parse(line).map((text) => {
    const { kinds, addresses, shown } = look(parser.parse(text, {}), { kinds: new Set(), addresses: new Set(), shown: "" });
    return { kinds: [...kinds].sort(), addresses: [...addresses], shown };
  });
  process.stdout.write(`${JSON.stringify(all)}\n`);
});
