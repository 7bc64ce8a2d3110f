// An interview under way: every change goes to its journal and snapshot before anything else happens.
import { readDraft, saveDraft } from "./store.js";

const now = () => new Date().toISOString();

export class Draft {
  constructor(state) {
    this.state = state;
    this.unsaved = [];
    this.saving = Promise.resolve();
  }

  /** Begin an interview; the row exists before the first question, so that a break-off is counted. */
  static async start({ wave, version, interviewer, language, screen }) {
    const draft = new Draft({
      uuid: crypto.randomUUID(),
      wave,
      version,
      interviewer,
      language,
      screen,
      started_at: now(),
      agreed_at: null,
      reviewed: false,
      finished: false,
      seq: 0,
      answers: {},
      seconds: {},
      back: 0,
      switches: 0,
    });
    await draft.save();
    return draft;
  }

  /** The draft kept under `uuid`, or null. */
  static async open(uuid) {
    const state = await readDraft(uuid);
    return state ? new Draft(state) : null;
  }

  /** Keep an answer ({code} or {text}), or its withdrawal (null), with the language it was shown in. */
  record(item, answer) {
    const { language } = this.state;
    const at = now();
    if (answer) this.state.answers[item] = { ...answer, language, at };
    else delete this.state.answers[item];
    this.#note({ item, value: answer?.code ?? null, text: answer?.text ?? null, language, at });
    return this.save();
  }

  /** Go on in another language; answers keep the one they were given in. */
  switchLanguage(language) {
    this.state.language = language;
    this.state.switches += 1;
    this.#note({ item: null, value: null, text: null, language, at: now() });
    return this.save();
  }

  /** Add to the time spent on a screen. */
  spend(screen, seconds) {
    this.state.seconds[screen] = Math.round(((this.state.seconds[screen] ?? 0) + seconds) * 10) / 10;
  }

  /** Write the snapshot and whatever the journal still lacks; a failed write is tried again by the next. */
  save() {
    this.saving = this.saving
      .catch(() => {})
      .then(async () => {
        const entries = [...this.unsaved];
        await saveDraft(structuredClone(this.state), entries);
        this.unsaved.splice(0, entries.length);
      });
    return this.saving;
  }

  #note(entry) {
    this.state.seq += 1;
    this.unsaved.push({ seq: this.state.seq, ...entry });
  }
}

const held = new Set();

/** Hold a draft for this tab until it closes; false when another tab has it. */
export function holdDraft(uuid) {
  if (held.has(uuid)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const hold = () => {
      held.add(uuid);
      resolve(true);
      return new Promise(() => {});
    };
    // The tab that is being left by a change of language needs a moment to let go.
    const signal = AbortSignal.timeout(3000);
    navigator.locks.request(`draft:${uuid}`, { signal }, hold).catch(() => resolve(false));
  });
}
