// A door, or somebody met in a hall or outside: what happened is noted in two touches.
import { sealEncounter } from "./outbox.js";
import { recall } from "./session.js";
import { readSetting, writeSetting } from "./store.js";
import { definition, say } from "./words.js";

const { place } = definition;
const dialog = document.getElementById("encounter");
const quartiers = [...document.querySelectorAll("[name=quartier]")];
let met = null;

/** What is known before the first question: where, and at home the quartier of the day. */
async function noteWhere() {
  const quartier = await readSetting("quartier");
  const answers = place && met ? { [place.item]: met } : {};
  const atHome = !place || place.home.includes(met);
  return quartier && atHome ? { [definition.quartier]: quartier, ...answers } : answers;
}

async function settle(outcome, changed) {
  const answers = await noteWhere();
  if (outcome === "interview") {
    sessionStorage.setItem("encounter", JSON.stringify(answers));
    location.assign(document.getElementById("new").href);
    return;
  }
  const { interviewer } = await recall();
  await sealEncounter(definition, { interviewer, disposition: outcome, answers });
  dialog.close();
  await changed();
}

// One thing after another: a second tap while a door is being written is not a second door.
let busy = false;
async function settleOnce(outcome, changed) {
  if (busy) return;
  busy = true;
  document.getElementById("encounter-problem").textContent = "";
  try {
    await settle(outcome, changed);
  } catch (error) {
    console.error(error);
    document.getElementById("encounter-problem").textContent = say("unwritten");
  }
  busy = false;
}

/** Let encounters be noted; `changed` is called after each. */
export async function watchEncounters(changed) {
  // Whoever comes back without having begun is at another door.
  addEventListener("pageshow", () => sessionStorage.removeItem("encounter"));
  for (const button of document.querySelectorAll("[data-place]")) {
    button.addEventListener("click", () => {
      met = Number(button.dataset.place);
      document.getElementById("encounter-place").textContent = button.textContent;
      dialog.showModal();
    });
  }
  for (const button of dialog.querySelectorAll("[data-outcome]")) {
    button.addEventListener("click", () => settleOnce(button.dataset.outcome, changed));
  }
  document.getElementById("encounter-close").addEventListener("click", () => dialog.close());
  const kept = await readSetting("quartier");
  for (const field of quartiers) {
    field.checked = Number(field.value) === kept;
    field.addEventListener("change", async () => {
      await writeSetting("quartier", Number(field.value));
      await changed();
    });
  }
}
