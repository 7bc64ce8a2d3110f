// Where an address leads: an interview that may be opened here and now, and the screen of it to show.
import { askCode } from "./code.js";
import { current, isOutdated, isSealed, isUnanswered, routeOf } from "./current.js";
import { Draft, holdDraft } from "./draft.js";
import { isOpen, listHanded } from "./handover.js";
import { measureRoom } from "./room.js";
import { CONSENT, END, HANDOVER, LANGUAGE, LOCK, STOP, SUMMARY } from "./screens.js";
import { recall } from "./session.js";
import { readDraft, readSetting } from "./store.js";
import { definition } from "./words.js";

/** Open a kept interview; the screen to show instead when that cannot be. */
export async function openDraft(uuid) {
  current.draft = null;
  const found = await readDraft(uuid);
  if (!found) return ".inconnu";
  const session = await recall();
  const locked = !found.finished && !found.training && session?.interviewer !== found.interviewer;
  if (locked) return (await askCode(found.interviewer)) ? LOCK : ".tablette";
  if (!found.finished && !(await holdDraft(uuid))) return ".ailleurs";
  // Read once it is held: the page that had it may have written, or finished.
  const record = await readDraft(uuid);
  if (record.finished) current.draft = new Draft({ ...record, answers: {} });
  else current.draft = await Draft.open(record, session?.key);
  return null;
}

/** The screen before an interview: the choice of a language, unless something has to be done first. */
export async function findWelcome() {
  const session = await recall();
  const interviewer = session?.interviewer ?? (await readSetting("interviewer"));
  if (!interviewer || !definition.seal) return ".tablette";
  if (!session) return (await askCode(interviewer)) ? LOCK : ".tablette";
  return (await measureRoom()) === "full" ? ".pleine" : LANGUAGE;
}

/** The wanted screen, or the nearest one that the interview has reached. */
export function allowedScreen(wanted) {
  const { state } = current.draft;
  if (state.finished) return END;
  if (isOutdated() || (wanted === STOP && !isOpen())) return STOP;
  if (!state.agreed_at) return CONSENT;
  const route = isOpen() ? listHanded() : routeOf().filter((id) => !isSealed(id));
  const offered = state.handed === null && listHanded().length > 0;
  const others = isOpen() ? [] : [CONSENT, SUMMARY, ...(offered ? [HANDOVER] : [])];
  if (others.includes(wanted) || route.includes(wanted)) return wanted;
  return route.includes(state.screen) ? state.screen : (route.find(isUnanswered) ?? SUMMARY);
}
