// What the interviewer is told of the tablet's memory: saved, waiting, sent; and a failure that stops everything.
import { current } from "./current.js";
import { END } from "./screens.js";
import * as screens from "./screens.js";
import { countWaiting, readDraft, readRecord } from "./store.js";
import { count, say } from "./words.js";

const failure = document.getElementById("failure");

let unwritten = 0;

/** Wait for an answer to be written; the state line says so meanwhile. */
export function keep(saving) {
  setState(say("saving"));
  return follow(saving);
}

/** Wait for a change to be written; a failure stops everything until it is. Resolves to whether it is. */
export async function follow(saving) {
  unwritten += 1;
  try {
    // What waits is counted meanwhile: no answer changes it.
    const [waiting] = await Promise.all([countWaiting(), saving.finally(() => (unwritten -= 1))]);
    await describeState(waiting);
    return true;
  } catch (error) {
    report(error);
    return false;
  }
}

export const showState = async () => describeState(await countWaiting());

async function describeState(waiting) {
  // It would be said of an answer that is not written yet.
  if (unwritten || failure.open) return;
  const { draft, screen } = current;
  const parts = draft && screen !== END ? [say("saved")] : [];
  if (waiting) parts.push(count("waiting", waiting));
  setState(parts.join(" · "));
  if (draft && screen === END) await showOutcome(waiting);
}

/** Something did not work: the answer is still on the screen, or there is no interview yet. */
export function report(error) {
  console.error(error);
  if (!current.draft) screens.show(".panne");
  else if (!failure.open) failure.showModal();
}

export const isFailing = () => failure.open;

function setState(text) {
  document.getElementById("state").textContent = text;
}

async function showOutcome(waiting) {
  const { training, uuid } = current.draft.state;
  document.getElementById("outcome").textContent = training
    ? say("trained")
    : describe((await readRecord(uuid)) ?? {}, waiting);
}

function describe({ receipt, problem }, waiting) {
  const lines = receipt
    ? [say("sent"), say("receipt", { number: receipt.seq })]
    : [say("saved"), count("waiting", waiting)];
  if (!receipt && problem) lines.push(say(problem));
  return lines.join(" · ");
}

document.getElementById("retry").addEventListener("click", async () => {
  try {
    await current.draft.save();
    failure.close();
    await showState();
  } catch (error) {
    console.error(error);
    // It is finished already, and only the word of it was lost.
    if ((await readDraft(current.draft.state.uuid))?.finished) location.reload();
  }
});

// A modal that Escape closes would hide that the answer is not written.
failure.addEventListener("cancel", (event) => event.preventDefault());
