/** Waits until it is so; fails after a time that no machine needs. */
export async function eventually(isSo, what = isSo.toString(), within = 20_000) {
  for (const until = performance.now() + within; performance.now() < until; ) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`This never came: ${what}`);
}
