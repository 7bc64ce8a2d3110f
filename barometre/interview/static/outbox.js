// Finished interviews: sealed once, kept until the server's receipt, never changed.
import { codesOf, findRoute } from "./route.js";
import { sealDraft } from "./store.js";

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
    paradata: { seconds: state.seconds, back: state.back, switches: state.switches },
  };
}

async function digest(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Seal `draft`: from here on its bytes are fixed, and they wait to be sent. */
export async function seal(definition, draft, disposition) {
  await draft.saving;
  const envelope = makeEnvelope(definition, draft.state, disposition);
  const bytes = JSON.stringify(envelope);
  const record = {
    uuid: envelope.uuid,
    bytes,
    sha256: await digest(bytes),
    disposition: envelope.disposition,
    language: envelope.language,
    finished_at: envelope.finished_at,
    waiting: envelope.finished_at,
    attempts: 0,
    problem: null,
    receipt: null,
  };
  await sealDraft(structuredClone({ ...draft.state, finished: true }), record);
  draft.state.finished = true;
  return record;
}
