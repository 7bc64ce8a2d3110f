// The interview in sight and its screen: what every part of the page looks at.
import { codesOf, findRoute } from "./route.js";
import { itemOf } from "./screens.js";
import { definition } from "./words.js";

export const current = { draft: null, screen: null };

/** Ids of the items on the route of the interview in sight. */
export const routeOf = () => findRoute(definition.items, codesOf(current.draft.state.answers));

/** Whether an answer was given alone and sealed: nobody sees it here again. */
export function isSealed(id) {
  const { handed } = current.draft.state;
  return Boolean(handed?.sealed) && handed.items.includes(id);
}

/** Whether an item still waits for an answer. */
export const isUnanswered = (id) =>
  itemOf.get(id).type === "closed" && !(id in current.draft.state.answers) && !isSealed(id);

/** Whether the interview was begun with another questionnaire than this page's. */
export const isOutdated = () => current.draft.state.version !== definition.version;
