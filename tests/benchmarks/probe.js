// Put into a page before its own scripts: answers the first question as soon as one is shown. `probe` is the
// moment when the page said that the answer is kept, in milliseconds since the visit began.
window.probe = new Promise((resolve) => {
  const SAVED = "Enregistré sur la tablette";
  // Whatever is hidden is left out by the selector: asked one by one, two hundred would slow every frame of the page
  // that shows one screen at a time, and none of the page whose first option is shown.
  const OPEN = "input[type=radio]:not(:checked, [hidden] *)";
  const isShown = (radio) => radio.closest("label").checkVisibility();

  function waitUntilSaved(state) {
    const look = () => state.textContent.startsWith(SAVED) && resolve(performance.now());
    new MutationObserver(look).observe(state, { childList: true, characterData: true, subtree: true });
    look();
  }

  function answer() {
    const state = document.getElementById("state");
    const radio = [...document.querySelectorAll(OPEN)].find(isShown);
    const before = state?.textContent;
    // While the page writes something else, an answer would be told from it only by its second writing.
    if (radio && (before === "" || before.startsWith(SAVED))) {
      radio.click();
      // Nobody heard it yet: the next frame tries again, on another option.
      if (state.textContent !== before) return waitUntilSaved(state);
    }
    requestAnimationFrame(answer);
  }
  requestAnimationFrame(answer);
});
