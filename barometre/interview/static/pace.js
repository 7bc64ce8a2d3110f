// How long each screen was looked at; time spent elsewhere does not count.

export class Pace {
  #since = null;
  #milliseconds = 0;

  constructor() {
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#pause() : this.#resume()));
  }

  /** Begin a screen. */
  start() {
    this.#milliseconds = 0;
    this.#since = document.hidden ? null : performance.now();
  }

  /** Seconds since it began, or since the last call. */
  take() {
    this.#pause();
    const seconds = this.#milliseconds / 1000;
    this.start();
    return seconds;
  }

  #pause() {
    if (this.#since !== null) this.#milliseconds += performance.now() - this.#since;
    this.#since = null;
  }

  #resume() {
    this.#since ??= performance.now();
  }
}
