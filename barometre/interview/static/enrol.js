// Makes this browser a known tablet: a write-only token, asked for once by whoever is signed in.
import { readSetting, writeSetting } from "./store.js";
import { definition, say } from "./words.js";

/** Who is signed in: {interviewer, supervisor, token}, null for nobody (401), or undefined without an answer. */
export async function askWho() {
  try {
    const response = await fetch(definition.me, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (response.ok) return await response.json();
    return [401, 403].includes(response.status) ? null : undefined;
  } catch {
    return undefined;
  }
}

/** End the sign-in of this browser; without a network it ends by itself. */
export async function signOut(person) {
  if (!person) return;
  await fetch(definition.sign_out, { method: "POST", headers: { "X-CSRFToken": person.token } }).catch(() => {});
}

async function askForToken({ interviewer, token }) {
  const response = await fetch(definition.enrolment, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ label: say("tablet", { name: interviewer }) }),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const device = await response.json();
  await writeSetting("device", { token: device.token, device_id: device.device_id });
}

/** Trade a one-time code for a token: {invited}, the interviewer it was made for, or {problem} in words. */
export async function redeem(code) {
  try {
    const response = await fetch(definition.devices, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code }),
      credentials: "omit",
    });
    const said = await response.json();
    if (!response.ok) return { problem: said.message };
    await writeSetting("device", { token: said.token, device_id: said.device_id });
    return { invited: said.interviewer };
  } catch {
    return { problem: say("not_enrolled") };
  }
}

/** Make sure that interviews can be kept and sent from here; `again` asks for another token. */
export async function enrol(person, { again = false } = {}) {
  if (person && (again || !(await readSetting("device")))) await askForToken(person);
  // Without this promise the browser may empty its memory when space runs short.
  return (await navigator.storage?.persist?.()) ?? false;
}
