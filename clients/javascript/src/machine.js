// Time and chance as the client sees them. Tests bring their own.
export const machine = {
  /** Milliseconds on a clock that never steps. */
  now: () => performance.now(),

  /** The time of day. */
  date: () => new Date(),

  /** In [0, 1). */
  random: () => Math.random(),

  /** Does something later; gives back how to cancel it. What is only idle does not keep the program alive. */
  after(milliseconds, act, isIdle = false) {
    const timer = setTimeout(act, milliseconds);
    if (isIdle) timer.unref();
    return () => clearTimeout(timer);
  },
};
