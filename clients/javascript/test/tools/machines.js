import { machine as real } from '../../src/machine.js';

const REQUEST_WITHIN = 30_000;

/** Time runs so many times as fast, but for what a request may take: an answer comes when it comes. That is told apart. */
export const fast = (times, random = Math.random, requestTimes = 1) => ({
  ...real,
  random,
  now: () => performance.now() * times,
  after: (milliseconds, act, isIdle) => real.after(milliseconds / (milliseconds === REQUEST_WITHIN ? requestTimes : times), act, isIdle),
});

/** Time stands until it is turned; what a call waits for is real. */
export const turned = (random = () => 0.5) => {
  const clock = { ...real, random, time: 1_000, now: () => clock.time };
  return clock;
};

/** Waits are noted and over at once, but for the 30 s of a request. */
export const noted = (random) => {
  const waits = [];
  return {
    ...real,
    random,
    waits,
    after(milliseconds, act, isIdle) {
      if (milliseconds === REQUEST_WITHIN) return real.after(milliseconds, act, isIdle);
      waits.push(milliseconds);
      return real.after(0, act, isIdle);
    },
  };
};

/** Chance that can be had again (mulberry32). */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
