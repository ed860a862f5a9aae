import { openHistory } from "../../../src/store/open-history.ts";
import { type SimulatedCheck, SimulatedWatch } from "./simulated-watch.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long the checks have lived. */
export const livedMilliseconds = 90 * day;

/** When Healthspan did not run, before the end of the time. */
export const lifeGap = { from: 20 * day, until: 18 * day };

/** When which check was down, before the end of the time; `api` still is. */
export const outages = {
  web: [{ from: 10 * day, until: 10 * day - 3 * hour }],
  api: [
    { from: 60 * day, until: 60 * day - 30 * minute },
    { from: 5 * hour, until: 0 },
  ],
  disk: [],
} as const satisfies Readonly<Record<string, readonly { readonly from: number; readonly until: number }[]>>;

/** Nothing happens for longer than this, so that the time in between is not taken for a gap. */
const stepMilliseconds = 10 * second;
const otherMilliseconds = 5 * minute;

/** So many steps are written at a time. */
const stepsAtATime = 10_000;

/**
 * Writes the file of a store in which three checks have lived for 90 days: through the store itself, on a clock that is moved
 * forward. `web` runs every ten seconds, the others every five minutes; `disk` measures its usage, which grows from 20 % to 80 %.
 * @param endsAt when its process ended, in milliseconds since the epoch
 */
export async function writeLivedFile(path: string, endsAt: number): Promise<void> {
  const startsAt = endsAt - livedMilliseconds;
  let now = startsAt;
  const lines: string[] = [];
  const say = (_: object, message: string): void => void lines.push(message);
  const clocks = { wall: () => now, monotonic: () => now };
  const history = await openHistory({ path, clocks, logger: { info: say, warn: say, error: say } });
  const check = (name: keyof typeof outages, type: string, measure?: (at: number) => number): SimulatedCheck => ({
    identity: { name, type, labels: {} },
    run: (at) => {
      const durationSeconds = 0.02 * (1 + 0.5 * Math.sin((2 * Math.PI * at) / day));
      const isDown = outages[name].some(({ from, until }) => at >= endsAt - from && at < endsAt - until);
      if (isDown) {
        const failure = { kind: "Unavailable", message: `${name} did not answer`, reason: "timeout" } as const;
        return { state: "unhealthy", failure, durationSeconds };
      }
      const measures = measure && [{ name: "usage", unit: "%", value: measure(at) }];
      return { state: "healthy", durationSeconds, measures };
    },
  });
  const web = check("web", "http");
  const others = [check("api", "tcp"), check("disk", "disk", (at) => 20 + (60 * (at - startsAt)) / livedMilliseconds)];
  const watch = new SimulatedWatch([web, ...others], otherMilliseconds);
  history.begin(watch);
  for (let step = 0; now + stepMilliseconds <= endsAt; step += 1) {
    now = startsAt + step * stepMilliseconds;
    if (now >= endsAt - lifeGap.from && now < endsAt - lifeGap.until) continue;
    history.observed(watch.observe(web, now));
    if (now % otherMilliseconds < stepMilliseconds) {
      for (const one of others) history.observed(watch.observe(one, now));
    }
    if (step % stepsAtATime === 0) await history.incidents({ checks: [], limit: 1 }); // Until it is written.
  }
  now = endsAt;
  await history.close();
  if (lines.length > 0) throw new Error(`the store said: ${lines.join("; ")}`);
}
