import { describe, expect, vi } from "vitest";
import { itWithService } from "../support/it-with-service.ts";
import { redisProgram, startRedis } from "../support/redis-server.ts";
import { startServe, until } from "../support/serve-command.ts";
import { stablePort } from "../support/stable-port.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const program = [redisProgram];
const configuration = (redis: string) => `
service: { name: shop }
fleet: { redis: "${redis}", lease: 3s }
defaults: { interval: 3s }
checks:
  orders: { type: file, path: /etc/hostname }
`;
const ready = async (url: string) => (await fetch(`${url}/readyz`)).status;

describe("a server of a fleet", () => {
  itWithService(
    program,
    "starts without its Redis, says so once, and is ready when it knows what the others know",
    async () => {
      const port = await stablePort();
      await using folder = await temporaryFolder({
        "healthspan.yaml": configuration(`redis://user:secret-of-redis@127.0.0.1:${port}`),
      });
      await using server = await startServe(folder.path);
      expect(await ready(server.url)).toBe(503);
      expect((await fetch(`${server.url}/livez`)).status).toBe(200);
      const warnings = () =>
        server
          .printed()
          .stderr.split("\n")
          .filter((line) => line.includes('"level":"warn"'));
      await vi.waitFor(() => expect(warnings()).not.toEqual([]), until);
      await using _ = await startRedis({ port, lines: ["user user on >secret-of-redis ~* +@all"] });
      await vi.waitFor(async () => expect(await ready(server.url)).toBe(200), until);
      await vi.waitFor(async () => {
        expect(await (await fetch(`${server.url}/health/?format=text`)).text()).toBe("orders: OK\n");
      }, until);
      expect(warnings()).toEqual([
        expect.stringMatching(/the Redis of the fleet \\"shop\\": (?:connect )?ECONNREFUSED/),
      ]);
      expect(server.printed().stderr).not.toContain("secret-of-redis");
    },
  );

  itWithService(program, "is ready after ten seconds without its Redis, and answers unknown", async () => {
    const port = await stablePort();
    await using folder = await temporaryFolder({ "healthspan.yaml": configuration(`redis://127.0.0.1:${port}`) });
    await using server = await startServe(folder.path);
    expect(await ready(server.url)).toBe(503);
    await vi.waitFor(async () => expect(await ready(server.url)).toBe(200), { timeout: 20_000, interval: 100 });
    expect(server.printed().stderr).toContain(
      'Redis has not said what the fleet \\"shop\\" knows; going on without it',
    );
    const answer = await fetch(`${server.url}/health/?format=text`);
    expect([answer.status, await answer.text()]).toEqual([500, "orders: Unknown: has not run yet\n"]);
  });

  itWithService(program, "says that another Redis, name or lease takes a restart", async () => {
    await using redis = await startRedis();
    const url = `redis://127.0.0.1:${redis.port}`;
    await using folder = await temporaryFolder({ "healthspan.yaml": configuration(url) });
    await using server = await startServe(folder.path);
    await vi.waitFor(async () => expect(await ready(server.url)).toBe(200), until);
    await folder.write("healthspan.yaml", configuration(url).replace("lease: 3s", "lease: 4s"));
    server.kill("SIGHUP");
    await vi.waitFor(
      () =>
        expect(server.printed().stderr).toContain(
          "changes to fleet (of another Redis, name or lease) take effect at the next start",
        ),
      until,
    );
  });
});
