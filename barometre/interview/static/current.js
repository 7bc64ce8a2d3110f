// The interview in sight and its screen: what every part of the page looks at.
import { codesOf, findRoute } from "./route.js";
import { itemOf } from "./screens.js";
import { definition } from "./words.js";

export const current = { draft: null, screen: null };

/** Ids of the items on the route of the interview in sight. */
export const routeOf = () => findRoute(definition.items, codesOf(current.draft.state.answers));

/** Whether an item still waits for an answer; what is sealed already does not. */
export function isUnanswered(id) {
  const { answers, handed } = current.draft.state;
  if (handed?.sealed && handed.items.includes(id)) return false;
  return itemOf.get(id).type === "closed" && !(id in answers);
}

/** Whether the interview was begun with another questionnaire than this page's. */
export const isOutdated = () => current.draft.state.version !== definition.version;
