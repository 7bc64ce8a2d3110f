// Asking for somebody's six-digit code: one field, and one sentence when it is wrong.
import { unlock } from "./session.js";
import { readPerson } from "./store.js";
import { hasCode, isBlocked, openVault } from "./vault.js";
import { count, say } from "./words.js";

const field = document.getElementById("code");
const problem = document.getElementById("code-problem");
let asked = null;

/** Prepare the field for somebody known on this tablet; false when they have no code yet. */
export async function askCode(interviewer) {
  const person = await readPerson(interviewer);
  if (!hasCode(person)) return false;
  asked = interviewer;
  document.getElementById("code-name").textContent = interviewer;
  field.value = "";
  problem.textContent = isBlocked(person) ? say("blocked") : "";
  return true;
}

/** Try what was typed; true when the tablet is unlocked. */
export async function tryCode() {
  // A slip is no try: only six digits are.
  if (!field.reportValidity()) return false;
  const { key, left } = await openVault(asked, field.value);
  field.value = "";
  if (key) {
    problem.textContent = "";
    await unlock(asked, key);
    return true;
  }
  problem.textContent = left ? count("tries", left) : say("blocked");
  field.focus();
  return false;
}
