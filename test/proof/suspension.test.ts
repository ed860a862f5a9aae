import { describe, expect } from "vitest";
import { broken, type Finding } from "../../proof/support/finding.ts";
import { changeClock } from "../../proof/support/suspension/change-clock.ts";
import { suspend } from "../../proof/support/suspension/suspend.ts";
import { jumps, long, short, summerTime } from "../../proof/suspension.ts";
import { itWithService } from "../support/it-with-service.ts";
import { postgresUrl, runningPostgres } from "../support/postgres-server.ts";
import { redisUrl, runningRedis } from "../support/redis-server.ts";

const options = { checks: 60, intervalSeconds: 2, redisUrl, postgresUrl };
const services = [await runningRedis(), await runningPostgres()];

function itBears(what: string, prove: () => Promise<readonly Finding[]>): void {
  itWithService(services, what, async () => expect(broken(await prove())).toEqual([]), 150_000);
}

/** Few scenes, as each starts a server and a thread: the clock is set where there is summer time, and lengths are mixed. */
describe.concurrent("a machine whose time does not pass evenly", () => {
  itBears("may set its clock, and change to summer time and back", () =>
    changeClock(options, [...jumps.slice(0, 2), ...summerTime], "Europe/Berlin"),
  );
  itBears("may suspend the server", () => suspend(options, { timeouts: long, moments: 1, asking: false }));
  itBears("may suspend the server, for less than a run may take as well, while a client asks", () =>
    suspend(options, { timeouts: [...short, ...long], moments: 1, asking: true }),
  );
});
