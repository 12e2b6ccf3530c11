// What proves the workflow that asks: the token that GitHub gives its job, or a key that its repository keeps.

import { byId, put } from "./dom.js";

const NOTES = {
  identity: "No secret in the repository: GitHub gives the job a token, which proves repository, commit, run and person.",
  key: "A secret of the repository. All that the card says of the workflow is then stated, not proven.",
};

/** Follow the choice; `changed` is called after each change. */
export function buildProof(changed) {
  const tell = () => put(byId("proof-note"), NOTES[chosenProof()]);
  byId("proof").addEventListener("change", () => {
    tell();
    changed();
  });
  tell();
}

/** Return the chosen proof. */
export const chosenProof = () => byId("proof").querySelector(":checked").value;
