// Hand-over: the person answers a few new questions alone; their answers are sealed before the tablet comes back.
import { current, routeOf } from "./current.js";
import { sealFor } from "./seal.js";
import { definition } from "./words.js";

const handed = new Set(definition.items.filter((item) => item.handed).map(({ id }) => id));

/** The questions on the route that may be answered alone, in the order asked. */
export const listHanded = () => routeOf().filter((id) => handed.has(id));

/** Whether the person is to be asked, before `next`, how they want to answer. */
export const isOffered = (next) => Boolean(definition.seal) && current.draft.state.handed === null && handed.has(next);

/** Whether the person holds the tablet. */
export const isOpen = () => Boolean(current.draft?.state.handed?.open);

/** Note how they want to answer: alone, or asked aloud like everything else. */
export function choose(alone) {
  current.draft.state.handed = { open: alone, items: alone ? listHanded() : [], entries: [], sealed: null };
  return current.draft.save();
}

/** Seal what was answered alone: this tablet never shows it again. */
export async function closeHanded() {
  const { draft } = current;
  const { answers, handed: kept, uuid } = draft.state;
  kept.items = kept.items.filter((id) => id in answers);
  kept.open = false;
  const given = Object.fromEntries(kept.items.map((id) => [id, answers[id]]));
  // What was not answered is asked aloud.
  const sealed = kept.items.length ? await sealFor(definition.seal, JSON.stringify({ uuid, answers: given })) : null;
  await draft.forget(kept.items, sealed);
}
