import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, describe, expect, vi } from "vitest";
import { itWithService } from "../support/it-with-service.ts";
import { redisProgram, startRedis } from "../support/redis-server.ts";
import { startServe, until } from "../support/serve-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { listenOnFreePort } from "../support/throw-away-server.ts";

const configuration = join(import.meta.dirname, "../../examples/fleet/healthspan.yaml");
const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => servers.splice(0).map((server) => server.close()));

const textOf = async ({ url }: { readonly url: string }) => (await fetch(`${url}/health/?format=text`)).text();

describe("the example of a fleet", () => {
  itWithService([redisProgram], "answers for all checks on each replica, and goes on when one stops", async () => {
    await using redis = await startRedis();
    const asked: string[] = [];
    const target = createServer(({ url = "" }, response) => {
      asked.push(url);
      response.end("ok");
    });
    servers.push(target);
    const at = `http://127.0.0.1:${await listenOnFreePort(target)}`;
    const environment = {
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      LISTEN: "127.0.0.1",
      SHOP: `${at}/shop`,
      API: `${at}/api`,
      BLOG: `${at}/blog`,
    };
    await using folder = await temporaryFolder();
    await using one = await startServe(folder.path, [configuration], environment);
    const all = "shop: OK\napi: OK\nblog: OK\nmemory: OK\nevent-loop: OK\n";
    {
      await using other = await startServe(folder.path, [configuration], environment);
      for (const server of [one, other]) await vi.waitFor(async () => expect(await textOf(server)).toBe(all), until);
      expect([...new Set(asked)].toSorted()).toEqual(["/api", "/blog", "/shop"]);
      other.kill("SIGTERM");
      expect((await other.ended).code).toBe(0);
    }
    expect(await textOf(one)).toBe(all);
    expect((await fetch(`${one.url}/health/self/`)).status).toBe(200);
  });
});
