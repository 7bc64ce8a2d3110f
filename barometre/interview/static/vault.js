// Whose drafts can be read: each interviewer's draft key lies under their six-digit code and this tablet's own key.
import { addLock, addSetting, readPerson, readSetting, savePerson } from "./store.js";

const { subtle } = crypto;
const AES = { name: "AES-GCM", length: 256 };
//: OWASP's number for PBKDF2 with SHA-256
const ROUNDS = 600_000;
const TRIES = 5;
const utf8 = new TextEncoder();
const random = (length) => crypto.getRandomValues(new Uint8Array(length));

/** What a code must be: six digits that are neither all the same nor a run. */
export function isCode(code) {
  if (!/^\d{6}$/.test(code)) return false;
  const steps = [...code].slice(1).map((digit, place) => Number(digit) - Number(code[place]));
  return steps.some((step) => step !== steps[0]) || ![-1, 0, 1].includes(steps[0]);
}

/** A key that never leaves this browser: a code tried elsewhere opens nothing. */
async function readDeviceKey() {
  const known = await readSetting("key");
  if (known) return known;
  await addSetting("key", await subtle.importKey("raw", random(32), "HKDF", false, ["deriveKey"]));
  return readSetting("key");
}

async function deriveLock(code, salt) {
  const typed = await subtle.importKey("raw", utf8.encode(code), "PBKDF2", false, ["deriveBits"]);
  const stretched = await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, typed, 256);
  const mixed = { name: "HKDF", hash: "SHA-256", salt: stretched, info: utf8.encode("barometre drafts") };
  return subtle.deriveKey(mixed, await readDeviceKey(), AES, false, ["wrapKey", "unwrapKey"]);
}

/** Give somebody known on this tablet a code, and with it a new draft key; null if they have another code. */
export async function chooseCode(interviewer, code) {
  const [salt, iv] = [random(16), random(12)];
  const lock = await deriveLock(code, salt);
  const draftKey = await subtle.generateKey(AES, true, ["encrypt", "decrypt"]);
  const wrapped = await subtle.wrapKey("raw", draftKey, lock, { name: "AES-GCM", iv });
  await addLock({ interviewer, salt, iv, wrapped, failures: 0 });
  return (await openVault(interviewer, code)).key ?? null;
}

/** {key} for the right code, {left} tries after a wrong one; none is left until a supervisor unlocks. */
export async function openVault(interviewer, code) {
  const person = await readPerson(interviewer);
  if (isBlocked(person)) return { left: 0 };
  // Counted before it is tried: a tablet switched off in between has not won a try.
  await savePerson({ ...person, failures: person.failures + 1 });
  const { iv, salt, wrapped } = person;
  const lock = await deriveLock(code, salt);
  try {
    const unlocking = { name: "AES-GCM", iv };
    const key = await subtle.unwrapKey("raw", wrapped, lock, unlocking, AES, false, ["encrypt", "decrypt"]);
    await savePerson({ ...person, failures: 0 });
    return { key };
  } catch {
    return { left: TRIES - person.failures - 1 };
  }
}

export const hasCode = (person) => Boolean(person?.wrapped);
export const isBlocked = (person) => person.failures >= TRIES;

/** Let somebody try again: nothing was destroyed. */
export const unblock = async (interviewer) => savePerson({ ...(await readPerson(interviewer)), failures: 0 });

/** Let somebody choose another code; what lies under the old one stays closed. */
export const forgetCode = (interviewer) => savePerson({ interviewer, failures: 0 });

/** `value` as only `key` reads it, bound to the interview it belongs to. */
export async function encrypt(key, uuid, value) {
  const plain = utf8.encode(JSON.stringify(value));
  const iv = random(12);
  const data = await subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(uuid) }, key, plain);
  return { iv, data };
}

export async function decrypt(key, uuid, { iv, data }) {
  const plain = await subtle.decrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(uuid) }, key, data);
  return JSON.parse(new TextDecoder().decode(plain));
}
