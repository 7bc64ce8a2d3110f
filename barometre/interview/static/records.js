// The lists of « Ma tournée »: interviews to resume, to send, sent. No answer is needed to draw them.
import { listDrafts, listRecords, listWaiting } from "./store.js";
import { count, definition, moment, say } from "./words.js";

const { dispositions, languages } = definition;
// A tablet keeps what it sent; the list shows the latest.
const SHOWN = 20;
const byId = (id) => document.getElementById(id);
const nameOf = (language) => languages[language]?.name ?? language;
const newestFirst = (key) => (one, other) => other[key].localeCompare(one[key]);

function draw(place, records, describe) {
  const list = byId(place);
  list.replaceChildren(
    ...records.map((record) => {
      const row = byId("record").content.cloneNode(true);
      const { title, details, address } = describe(record);
      row.querySelector(".record__title").textContent = title;
      row.querySelector(".record__detail").textContent = details.filter(Boolean).join(" · ");
      if (address) {
        const link = document.createElement("a");
        link.className = "button";
        link.href = address;
        link.textContent = say("resume");
        row.querySelector("li").append(link);
      }
      return row;
    }),
  );
  list.hidden = records.length === 0;
}

const describeDraft = (draft) => ({
  title: say("started", { moment: moment(draft.started_at) }),
  details: [nameOf(draft.language), count("answered", draft.answered)],
  address: `${(languages[draft.language] ?? languages.fr).address}#${draft.uuid}`,
});

const describeRecord = ({ finished_at, disposition, receipt }) => ({
  title: say("finished", { moment: moment(finished_at) }),
  details: [
    dispositions[disposition],
    receipt && say("receipt", { number: receipt.seq }),
    ["conflict", "quarantined"].includes(receipt?.status) && say("set_aside"),
  ],
});

/** Draw the lists: somebody's own drafts, and what everybody of this tablet has to send or sent. */
export async function listRecordsHere(interviewer, problems) {
  const drafts = await listDrafts();
  const mine = drafts.filter((draft) => !draft.finished && !draft.training && draft.interviewer === interviewer);
  draw("drafts", mine.sort(newestFirst("started_at")), describeDraft);
  const waiting = await listWaiting();
  draw("waiting", waiting.slice(0, SHOWN), describeRecord);
  const sent = (await listRecords()).filter((record) => record.receipt);
  draw("sent", sent.sort(newestFirst("finished_at")).slice(0, SHOWN), describeRecord);
  const lines = [waiting.length ? count("waiting", waiting.length) : say("nothing_waiting")];
  if (problems.length) lines.push(say(problems[0]));
  byId("state").textContent = lines.join(" · ");
  byId("send").hidden = waiting.length === 0;
  byId("no-drafts").hidden = mine.length > 0;
  byId("no-sent").hidden = sent.length > 0;
}
