// The application's own modules in the hands of the fault tests: the one place that knows how they are called.
async (folder) => {
  const names = ["draft.js", "outbox.js", "send.js", "store.js", "words.js"];
  const [{ Draft }, { seal }, { keepSending }, store, { definition }] = await Promise.all(
    names.map((name) => import(`${folder}/${name}`)),
  );
  const sendNow = keepSending(definition.intake, () => {});

  /** Say at once that something is written: whoever listens is not killed with this browser. */
  const acknowledge = (fact) => console.debug(JSON.stringify({ acknowledged: fact }));

  async function begin({ language }) {
    const { wave, version } = definition;
    const interviewer = await store.readSetting("interviewer");
    return Draft.start({ wave, version, interviewer, language, screen: ".accord" });
  }

  async function holdOne({ place, uuid, language, disposition, answers }) {
    const draft = uuid ? await Draft.open(uuid) : await begin({ language });
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

  /** Interviews on this tablet: their answers, whether they are finished, and their place in the outbox. */
  async function read() {
    const records = new Map((await store.listRecords()).map((record) => [record.uuid, record]));
    const givenOf = ({ code, text }) => code ?? text;
    return (await store.listDrafts()).map(({ uuid, language, finished, answers }) => ({
      uuid,
      language,
      finished,
      answers: Object.fromEntries(Object.entries(answers).map(([item, answer]) => [item, givenOf(answer)])),
      sealed: records.has(uuid),
      attempts: records.get(uuid)?.attempts ?? 0,
      receipt: records.get(uuid)?.receipt ?? null,
    }));
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
    return entries.map(({ item, value, text }) => [item, value ?? text]);
  }

  window.tablet = { hold, send, read, readJournal };
};
