// Makes this browser a known tablet: a write-only token, asked for once by whoever is signed in.
import { readSetting, writeSetting } from "./store.js";
import { definition, say } from "./words.js";

async function askForToken() {
  const { interviewer, token } = definition.person;
  const response = await fetch(definition.enrolment, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ label: say("tablet", { name: interviewer }) }),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const device = await response.json();
  await writeSetting("device", { token: device.token, device_id: device.device_id });
}

/** Make sure that interviews can be kept and sent from here; `again` asks for another token. */
export async function enrol({ again = false } = {}) {
  await writeSetting("interviewer", definition.person.interviewer);
  if (again || !(await readSetting("device"))) await askForToken();
  // Without this promise the browser may empty its memory when space runs short.
  return (await navigator.storage?.persist?.()) ?? false;
}
