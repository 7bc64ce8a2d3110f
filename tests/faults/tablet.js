// The application's own modules in the hands of the fault tests: the one place that knows how they are called.
async ([folder, interviewer, code]) => {
  const names = ["draft.js", "outbox.js", "send.js", "store.js", "vault.js", "words.js"];
  const [{ Draft }, { seal }, { keepSending }, store, vault, { definition }] = await Promise.all(
    names.map((name) => import(`${folder}/${name}`)),
  );
  const { key } = await vault.openVault(interviewer, code);
  const sendNow = keepSending(definition.intake, () => {});

  /** Say at once that something is written: whoever listens is not killed with this browser. */
  const acknowledge = (fact) => console.debug(JSON.stringify({ acknowledged: fact }));

  async function begin({ language }) {
    const { wave, version } = definition;
    const draft = Draft.start({ wave, version, interviewer, language, screen: ".accord" }, key);
    await draft.written;
    return draft;
  }

  async function holdOne({ place, uuid, language, disposition, answers }) {
    const draft = uuid ? await Draft.open(await store.readDraft(uuid), key) : await begin({ language });
    acknowledge({ place, uuid: draft.state.uuid });
    for (const [item, given] of answers) {
      await draft.record(item, typeof given === "number" ? { code: given } : { text: given });
      acknowledge({ place, item, given });
    }
    await seal(definition, draft, disposition);
    acknowledge({ place, sealed: true });
  }

  /** Hold these interviews at the same time, as if on one tablet's many screens. */
  const hold = (interviews) => Promise.all(interviews.map(holdOne));

  /** One round of the real sender; gives how many still wait. */
  async function send() {
    await sendNow();
    return store.countWaiting();
  }

  /** Interviews on this tablet: their answers until they are sealed, and their place in the outbox. */
  async function read() {
    const records = new Map((await store.listRecords()).map((record) => [record.uuid, record]));
    const givenOf = ({ code, text }) => code ?? text;
    const tell = async (draft) => {
      const record = records.get(draft.uuid);
      const { answers = {} } = draft.box ? await vault.decrypt(key, draft.uuid, draft.box) : {};
      return {
        uuid: draft.uuid,
        language: draft.language,
        finished: draft.finished,
        answers: Object.fromEntries(Object.entries(answers).map(([item, answer]) => [item, givenOf(answer)])),
        sealed: Boolean(record),
        disposition: record?.disposition ?? null,
        attempts: record?.attempts ?? 0,
        receipt: record?.receipt ?? null,
      };
    };
    return Promise.all((await store.listDrafts()).map(tell));
  }

  /** The journal of one interview: [item, what was given] in the order written. */
  async function readJournal(uuid) {
    const database = await new Promise((resolve, reject) => {
      const opening = indexedDB.open("barometre");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const range = IDBKeyRange.bound([uuid], [uuid, []]);
    const entries = await new Promise((resolve, reject) => {
      const reading = database.transaction("journal").objectStore("journal").getAll(range);
      reading.onsuccess = () => resolve(reading.result);
      reading.onerror = () => reject(reading.error);
    });
    database.close();
    const opened = await Promise.all(entries.map(({ box }) => vault.decrypt(key, uuid, box)));
    return opened.map(({ item, value, text }) => [item, value ?? text]);
  }

  window.tablet = { hold, send, read, readJournal };
};
