// Calls to the simulator, with the token of this run in a header.

export class Refused extends Error {
  constructor(status, message, field = "") {
    super(message);
    this.status = status;
    this.field = field;
  }
}

export const GONE = "relay dev does not answer. If it has ended, start it again and open the address it prints.";
const ODD = "relay dev gave an answer that this page cannot read. Reload the page.";

const token = (() => {
  const given = location.hash.slice(1);
  if (given) {
    sessionStorage.setItem("token", given);
    history.replaceState(null, "", location.pathname); // the token stays out of the history
  }
  return sessionStorage.getItem("token") ?? "";
})();

export async function open(path, { body, signal } = {}) {
  const headers = { "X-Simulator-Token": token, ...(body && { "Content-Type": "application/json" }) };
  const method = body ? "POST" : "GET";
  const answer = await fetch(`/simulator/${path}`, { method, headers, body, signal, cache: "no-store" });
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, said.message ?? ODD, said.field);
}

/** Return what the simulator says. Throws Refused, with a sentence for a person and perhaps the field at fault. */
export async function call(path, asked) {
  try {
    const answer = await open(path, { body: asked && JSON.stringify(asked) });
    return await answer.json();
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(0, error instanceof SyntaxError ? ODD : GONE);
  }
}
