// Everything that is answered is written before the screen moves on.
import { current } from "./current.js";
import { Pace } from "./pace.js";
import { keepPages } from "./pages.js";
import * as screens from "./screens.js";
import { keep } from "./status.js";
import { definition } from "./words.js";

export const pace = new Pace();

let typing;

/** Wait for an answer to be written. */
export function keepAnswer(saving) {
  keep(saving).then((kept) => kept && keepPagesOnce());
}

let pagesKept = Boolean(navigator.serviceWorker?.controller);
/** The pages themselves are kept from the first answer on: nothing delays it. */
async function keepPagesOnce() {
  if (pagesKept) return;
  pagesKept = true;
  await keepPages(definition.worker, definition.tour).catch(console.error);
}

/** Words are kept at the first pause. */
export function watchTyping(field) {
  clearTimeout(typing);
  typing = setTimeout(() => keepText(field), 250);
}

/** What was typed is no longer the answer. */
export function dropTyping() {
  clearTimeout(typing);
  typing = undefined;
}

function keepText(field) {
  dropTyping();
  const { draft } = current;
  // Control characters and half surrogates would not survive the way to the database.
  const text = field.value.replace(/(?!\n)[\p{Cc}\p{Cs}]/gu, " ").trim();
  if (text === (draft.state.answers[field.name]?.text ?? "")) return;
  keepAnswer(draft.record(field.name, text ? { text } : null));
  screens.fill(field.name, draft.state.answers[field.name], field);
}

/** Keep the words typed so far without waiting for a pause. */
export function keepTyping() {
  if (current.draft && typing) keepText(screens.screenOf(current.screen).querySelector("textarea"));
}

/** Before any other screen: the words typed so far and the time spent are written. */
export async function leave() {
  const { draft, screen } = current;
  if (!draft || !screen) return;
  keepTyping();
  draft.spend(screen, pace.take());
  await draft.written;
}
