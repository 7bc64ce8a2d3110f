// An interview under way: every change goes to its journal and snapshot, encrypted, before anything else happens.
import { saveDraft } from "./store.js";
import { decrypt, encrypt } from "./vault.js";

const now = () => new Date().toISOString();

export class Draft {
  #key;
  #copy;
  #makeCopy = null;
  #revision;
  #writer = crypto.randomUUID();
  #unsaved = [];
  #gone = [];
  #waits = false;

  constructor(state, key, { copy = null, revision = 0 } = {}) {
    this.state = state;
    this.#key = key;
    this.#copy = copy;
    this.#revision = revision;
    //: until what was last changed is in both copies, and in the first of them: from then on no cut loses it
    this.saving = Promise.resolve();
    this.written = Promise.resolve();
  }

  /** Begin an interview: from `written` on it has a row, so that a break-off is counted. */
  static start({ uuid = crypto.randomUUID(), answers = {}, training = false, ...about }, key, makeCopy) {
    const { wave, version, interviewer, language, screen } = about;
    const started_at = now();
    const draft = new Draft(
      {
        uuid,
        wave,
        version,
        interviewer,
        language,
        screen,
        training,
        started_at,
        agreed_at: training ? started_at : null,
        reviewed: false,
        finished: false,
        seq: 0,
        answers: {},
        handed: null,
        seconds: {},
        back: 0,
        switches: 0,
      },
      key,
    );
    for (const [item, code] of Object.entries(answers)) draft.#answer(item, { code });
    draft.save(makeCopy);
    return draft;
  }

  /** The draft behind a kept record; fails when the key is another one's. */
  static async open(record, key) {
    // Training is kept as it is.
    return new Draft(record.box ? await decrypt(key, record.uuid, record.box) : record, key, record);
  }

  /** Keep an answer ({code} or {text}), or its withdrawal (null), with the language it was shown in. */
  record(item, answer) {
    this.#answer(item, answer);
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

  /** Leave of some answers only what is sealed already: from now on nobody reads them here. */
  forget(items, sealed) {
    const { handed, answers } = this.state;
    handed.sealed = sealed;
    for (const item of items) delete answers[item];
    this.#gone.push(...handed.entries);
    handed.entries = [];
    return this.save();
  }

  /**
   * Write the snapshot and whatever the journal still lacks; resolves once they are on the disk in the first copy.
   * A save that still awaits its turn takes along what comes meanwhile; a failed one is tried again by the next.
   * `makeCopy` makes of it what the server could open if the code were forgotten; without it the last one stays.
   */
  save(makeCopy) {
    this.#makeCopy = makeCopy ?? this.#makeCopy;
    if (this.#waits) return this.written;
    this.#waits = true;
    let written;
    const first = new Promise((resolve) => (written = resolve));
    this.saving = this.saving.catch(() => {}).then(() => this.#write(written));
    this.written = Promise.race([first, this.saving]);
    // Whoever waits for one of the two is told; nobody may.
    this.saving.catch(() => {});
    this.written.catch(() => {});
    return this.written;
  }

  async #write(written) {
    const taken = {};
    try {
      await saveDraft(() => this.#take(taken), written);
    } catch (error) {
      // Its turn never came.
      if (!taken.entries) this.#waits = false;
      throw error;
    }
    this.#revision += 1;
    this.#unsaved.splice(0, taken.entries.length);
    this.#gone.splice(0, taken.gone.length);
  }

  /** What there is to write now, noted in `taken`; whatever changes from here on waits for the next save. */
  async #take(taken) {
    this.#waits = false;
    Object.assign(taken, { entries: [...this.#unsaved], gone: [...this.#gone] });
    const state = structuredClone(this.state);
    const makeCopy = this.#makeCopy;
    if (makeCopy) this.#copy = await makeCopy(state);
    if (makeCopy === this.#makeCopy) this.#makeCopy = null;
    const about = { ...label(state), copy: this.#copy, revision: this.#revision + 1, writer: this.#writer };
    const [draft, ...entries] = await Promise.all([
      this.#lock(about, state),
      ...taken.entries.map((entry) => this.#lock({ seq: entry.seq }, entry)),
    ]);
    return { draft, entries, gone: taken.gone };
  }

  /** `value` as it is kept beside what may be read; what was answered in training is nobody's secret. */
  async #lock(readable, value) {
    if (this.state.training) return { ...structuredClone(value), ...readable };
    return { ...readable, box: await encrypt(this.#key, this.state.uuid, value) };
  }

  #answer(item, answer) {
    const { language } = this.state;
    const at = now();
    if (answer) this.state.answers[item] = { ...answer, language, at };
    else delete this.state.answers[item];
    this.#note({ item, value: answer?.code ?? null, text: answer?.text ?? null, language, at });
  }

  #note(entry) {
    const { state } = this;
    state.seq += 1;
    if (state.handed?.open) state.handed.entries.push(state.seq);
    this.#unsaved.push({ seq: state.seq, ...entry });
  }
}

/** What may be read of a draft without its key: whose it is and how far it went, no answer. */
export function label({ language, answers, ...state }) {
  return { ...stub(state), finished: state.finished, language, answered: Object.keys(answers).length };
}

/** What stays of a draft that was sealed. */
export function stub({ uuid, wave, version, interviewer, training, started_at }) {
  return { uuid, wave, version, interviewer, training, started_at, finished: true };
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
