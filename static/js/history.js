// A bounded list of states to go back to and forth in.

const longest = 300;
const together = 900; // milliseconds within which changes of the same thing are one

/** @template T */
export class History {
  /** @type {{state: T, key: string, time: number}[]} */
  states = [];
  at = -1;

  /**
   * @param {T} state as it is now
   * @param {string} key of what was changed; changes of one key in quick succession count as one
   */
  push(state, key) {
    const now = performance.now();
    const last = this.states[this.at];
    this.states.length = this.at + 1;
    if (last && this.at > 0 && key !== "" && last.key === key && now - last.time < together) {
      last.state = state;
      last.time = now;
      return;
    }
    this.states.push({ state, key, time: now });
    if (this.states.length > longest) this.states.shift();
    this.at = this.states.length - 1;
  }

  /** @returns {T | undefined} the state as it is now */
  get current() {
    return this.states[this.at]?.state;
  }

  get canUndo() {
    return this.at > 0;
  }

  get canRedo() {
    return this.at < this.states.length - 1;
  }

  /** @returns {T | undefined} the state before */
  undo() {
    return this.canUndo ? this.states[--this.at]?.state : undefined;
  }

  /** @returns {T | undefined} the state that was undone last */
  redo() {
    return this.canRedo ? this.states[++this.at]?.state : undefined;
  }
}
