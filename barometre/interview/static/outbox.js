// Finished interviews: sealed once, kept until the server's receipt, never changed.
import { stub } from "./draft.js";
import { codesOf, findRoute } from "./route.js";
import { sealFor } from "./seal.js";
import { addRecord, readSetting, sealDraft } from "./store.js";

/** Whether at least half of the key items on the route were answered ("don't know" is an answer). */
function isPartial(definition, route, answers) {
  const asked = definition.key_items.filter((item) => route.has(item));
  return 2 * asked.filter((item) => item in answers).length >= asked.length;
}

/** The envelope of a draft; what lies off the route travels apart. */
export function makeEnvelope(definition, state, disposition) {
  const kept = Object.entries(state.answers);
  // A draft of an older questionnaire is routed by the server, which still has it.
  const known = state.version === definition.version;
  const route = new Set(known ? findRoute(definition.items, codesOf(state.answers)) : Object.keys(state.answers));
  const answers = Object.fromEntries(kept.filter(([item]) => route.has(item)));
  const broken = disposition === "break_off" && isPartial(definition, route, answers);
  return {
    uuid: state.uuid,
    wave: state.wave,
    version: state.version,
    interviewer: state.interviewer,
    disposition: broken ? "partial" : disposition,
    started_at: state.started_at,
    finished_at: new Date().toISOString(),
    language: state.language,
    answers,
    skipped: Object.fromEntries(kept.filter(([item]) => !route.has(item))),
    ...(state.handed?.sealed && { sealed_answers: state.handed.sealed }),
    paradata: { seconds: state.seconds, back: state.back, switches: state.switches },
  };
}

/** SHA-256 of a text, in hexadecimal. */
export async function digest(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** An envelope that only the server reads, and what the tablet may still know of it. */
async function close(definition, envelope) {
  const { uuid, interviewer, disposition, finished_at } = envelope;
  // How far the tablet's clock was from the server's when they last met: never a reason to refuse.
  envelope.paradata.clock_ahead_ms = (await readSetting("ahead")) ?? null;
  return { uuid, interviewer, disposition, finished_at, bytes: await sealFor(definition.seal, JSON.stringify(envelope)) };
}

/** A closed envelope as it waits to be sent: its bytes never change again. */
async function queue(closed) {
  const sha256 = await digest(closed.bytes);
  return { ...closed, sha256, waiting: closed.finished_at, attempts: 0, problem: null, receipt: null };
}

/** Seal `draft`: from here on this tablet cannot read it back, and it waits to be sent. */
export async function seal(definition, draft, disposition) {
  await draft.saving;
  const record = await queue(await close(definition, makeEnvelope(definition, draft.state, disposition)));
  await sealDraft(stub(draft.state), record);
  Object.assign(draft.state, { finished: true, answers: {}, handed: null });
  return record;
}

/** Seal an encounter without an interview, noted by `interviewer` at a door or in a hall. */
export async function sealEncounter(definition, { interviewer, disposition, answers }) {
  const at = new Date().toISOString();
  const noted = Object.entries(answers).map(([item, code]) => [item, { code, language: "fr", at }]);
  const envelope = {
    uuid: crypto.randomUUID(),
    wave: definition.wave,
    version: definition.version,
    interviewer,
    disposition,
    started_at: at,
    finished_at: at,
    language: "fr",
    answers: Object.fromEntries(noted),
    skipped: {},
    paradata: {},
  };
  const record = await queue(await close(definition, envelope));
  await addRecord(record);
  return record;
}

/** A draft as it stands, closed: what is sent of it if its interviewer forgets their code. */
export function closeCopy(definition, state) {
  const noted = definition.quartier in state.answers;
  return close(definition, makeEnvelope(definition, state, noted ? "break_off" : "callback"));
}

/** Send a draft that nobody can open any more as it stood at its last screen. */
export async function sealCopy(draft) {
  await sealDraft(stub(draft), await queue(draft.copy));
}
