// The live state: a stream of server-sent events read with fetch(), since EventSource sends no header.

import { open, GONE } from "./api.js";

const SILENCE = 35_000; // the server writes at least a comment every ten seconds
const SHORT = 5_000; // a stream that lived no longer counts as a failure
const LONGEST = 15; // seconds

/** Call `draw` with each state, and `tell` with {state, message, seconds} when the connection changes. For good. */
export async function follow(draw, tell) {
  for (let failures = 0; ; ) {
    await seen();
    const began = performance.now();
    try {
      await read((state) => {
        tell({ state: "live" });
        draw(state);
      });
    } catch (error) {
      if (error.status === 401) return tell({ state: "closed", message: error.message });
    }
    failures = performance.now() - began < SHORT && !document.hidden ? failures + 1 : 0;
    const pause = failures ? Math.min(2 ** (failures - 1), LONGEST) : 0;
    for (let left = pause; left > 0; left -= 1) {
      tell({ state: "lost", message: GONE, seconds: left });
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

/** Wait until somebody looks at this page. A browser has six connections to a host: pages that nobody sees keep none. */
async function seen() {
  while (document.hidden) {
    await new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
  }
}

async function read(draw) {
  const ending = new AbortController();
  const leave = () => document.hidden && ending.abort();
  document.addEventListener("visibilitychange", leave);
  let silence;
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => ending.abort(), SILENCE);
  };
  heard();
  try {
    const answer = await open("events", { signal: ending.signal });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; ; ) {
      const { value, done } = await reader.read();
      if (done) return;
      heard();
      const events = (text + value).split("\n\n");
      text = events.pop();
      for (const event of events) take(event, draw);
    }
  } finally {
    clearTimeout(silence);
    document.removeEventListener("visibilitychange", leave);
  }
}

function take(event, draw) {
  const lines = event.split("\n");
  const said = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
  if (lines.includes("event: state")) draw(JSON.parse(said.join("\n")));
}
