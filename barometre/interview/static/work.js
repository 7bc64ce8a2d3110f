// The quotas, as of the last time the server was reached: they advise, they never block.
import { readSetting, writeSetting } from "./store.js";
import { count, definition, moment, say } from "./words.js";

const byId = (id) => document.getElementById(id);

/** Fetch them; yesterday's stay when there is no answer. */
export async function askWork() {
  const device = await readSetting("device");
  if (!device) return;
  try {
    const headers = { Authorization: `Bearer ${device.token}` };
    const response = await fetch(definition.work, { headers, credentials: "omit", cache: "no-store" });
    if (response.ok) await writeSetting("work", await response.json());
  } catch {
    // Without a network what was fetched last is shown, with its moment.
  }
}

function makeLine(text) {
  const line = document.createElement("li");
  line.textContent = text;
  return line;
}

/** Show those of the quartier of the day, and whose voice cannot be published yet. */
export async function showWork() {
  const work = await readSetting("work");
  const chosen = Number(document.querySelector("[name=quartier]:checked")?.value);
  const shown = work?.quartiers.find(({ code }) => code === chosen);
  byId("quotas").hidden = !shown;
  byId("needed").hidden = !work?.needed?.length;
  if (!work) return;
  byId("needed").replaceChildren(
    ...(work.needed ?? []).map(({ label, missing }) => makeLine(count("needed", missing, { label }))),
  );
  if (!shown) return;
  const parts = [{ label: shown.name, ...shown }, ...shown.classes];
  byId("quota-lines").replaceChildren(
    ...parts.map(({ label, done, target }) => makeLine(say(done >= target ? "quota_full" : "quota", { label, done, target }))),
  );
  byId("quota-moment").textContent = say("as_of", { moment: moment(work.as_of) });
}
