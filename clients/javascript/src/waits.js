/**
 * How long to wait before the next try: evenly between nothing and a bound that doubles with each failure. So many clients that failed
 * together do not come back together ("full jitter", Brooker 2015, Exponential Backoff and Jitter).
 */
export const fullJitter = (random, base, most, failures) => random() * Math.min(most, base * 2 ** failures);

/**
 * Milliseconds that a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date); 0 where there is none that can be read. A date is
 * taken from the server's own clock where it tells it.
 */
export function retryAfter(headers, date) {
  const text = headers['retry-after']?.trim();
  if (!text) return 0;
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const until = Date.parse(text);
  const now = Date.parse(headers.date ?? '');
  return Number.isNaN(until) ? 0 : Math.max(0, until - (Number.isNaN(now) ? date.getTime() : now));
}
