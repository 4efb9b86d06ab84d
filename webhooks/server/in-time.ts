import type { Clock } from "../../operator/framework/clock.ts";
import { pause } from "../../operator/framework/pause.ts";

/**
 * What `work` comes to, if it does within `ms`. What it does after that goes on unheard.
 * @throws Error saying that the API server did not answer: nobody else is waited for here.
 */
export async function inTime<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = pause(clock, ms, done.signal).then(() => {
    throw new Error(`the API server did not answer within ${Math.round(ms / 100) / 10} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined);
    done.abort();
  }
}
