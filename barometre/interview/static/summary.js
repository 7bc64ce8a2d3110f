// The last screen before the end: every question on the route and its answer, each a way back to it.
import { isSealed } from "./current.js";
import { screenOf } from "./screens.js";
import { say } from "./words.js";

const list = document.getElementById("summary");
const row = document.getElementById("summary-row");

const copies = (parent, selector) => [...parent.querySelectorAll(selector)].map((node) => node.cloneNode(true));

function answerOf(screen, id, answer) {
  if (isSealed(id)) return [say("confidential")];
  if (answer?.text) return [answer.text];
  const chosen = screen.querySelector(`input[value="${answer?.code}"]`)?.parentElement;
  if (!chosen) return [say("blank")];
  const words = copies(chosen, ".spoken, .beneath");
  return words.length ? words : [chosen.textContent.trim()];
}

/** Leave nothing of what was drawn. */
export const clearSummary = () => list.replaceChildren();

/** Draw the summary of a draft. */
export function fillSummary(state, route) {
  list.replaceChildren(
    ...route.map((id) => {
      const screen = screenOf(id);
      const line = row.content.cloneNode(true);
      const link = line.querySelector("a");
      if (!isSealed(id)) {
        link.href = `#${state.uuid}/${id}`;
        link.dataset.item = id;
      }
      link.classList.toggle("summary__row--blank", !(id in state.answers));
      line.querySelector(".summary__question").append(...copies(screen, ".question .spoken, .question .beneath"));
      line.querySelector(".summary__answer").append(...answerOf(screen, id, state.answers[id]));
      return line;
    }),
  );
}
