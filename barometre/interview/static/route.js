// Which items are on the route, given the codes so far; mirrors questionnaire/routing.py.

/** Ids in the order asked. `items`: [{id, when: {item, codes} | null}]; `codes`: item id → code. */
export function findRoute(items, codes) {
  const reached = new Set();
  for (const { id, when } of items) {
    if (!when || (reached.has(when.item) && when.codes.includes(codes[when.item]))) reached.add(id);
  }
  return [...reached];
}

/** Codes of a draft's answers, as `findRoute` wants them. */
export function codesOf(answers) {
  return Object.fromEntries(Object.entries(answers).map(([item, answer]) => [item, answer.code]));
}
