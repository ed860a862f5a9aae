import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { itWithService } from "../support/it-with-service.ts";
import { type LineServer, startLineServer } from "../support/line-server.ts";
import { postgresUrl, runningPostgres } from "../support/postgres-server.ts";
import { redisProgram, startRedis } from "../support/redis-server.ts";
import { type ServeProcess, startServe } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { closedPort } from "../support/throw-away-server.ts";

const root = join(import.meta.dirname, "../..");
const example = readFileSync(join(root, "examples/tiers/healthspan.yaml"), "utf8");
const guide = readFileSync(join(root, "docs/from-django-health-check.md"), "utf8");

interface Document {
  readonly checks: Readonly<Record<string, { readonly type: string; readonly dependsOn?: readonly string[] }>>;
  readonly endpoints: Readonly<Record<string, { readonly checks: readonly string[] }>>;
}

const tiers: Document = parse(example);
const endpointsOf = (path: string): readonly string[] => tiers.endpoints[path]?.checks ?? [];
const services = [await runningPostgres(), redisProgram];
const token = "a-token-of-the-tests";
const secret = "a-secret-of-the-tests";

/** The example with servers of this machine; what a provider says of itself is asked on a port where nobody listens. */
async function localExample(mail: LineServer, uploads: TemporaryFolder): Promise<Document> {
  const closed = await closedPort();
  const page = (platform: string): string => `url: "http://127.0.0.1:${closed}/", platform: ${platform}`;
  return parse(
    example
      .replace("mail.shop.example, port: 587", `127.0.0.1, port: ${mail.port}`)
      .replace("/srv/uploads", uploads.path)
      .replace("provider: aws", page("aws"))
      .replaceAll(/provider: \w+/g, page("statuspage"))
      .replace("interval: 15s", "interval: 0s")
      .replace("failureThreshold: 2", "failureThreshold: 1"),
  );
}

async function ask(server: ServeProcess, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}${path}`, { headers });
  return { status: response.status, text: await response.text() };
}

describe("examples/tiers", () => {
  it("is what the guide for people from django-health-check shows", () => {
    expect(guide).toContain(`\`\`\`yaml\n${example.split("\n").slice(1).join("\n")}\`\`\``);
  });

  it("shows each check in one tier, and the application in the pipeline, too", () => {
    const [node, application, pipeline] = Object.keys(tiers.endpoints).map(endpointsOf);
    expect([...(node ?? []), ...(pipeline ?? [])]).toEqual(Object.keys(tiers.checks));
    expect(pipeline).toEqual(expect.arrayContaining([...(application ?? [])]));
  });

  itWithService(services, "answers each of its readers", async () => {
    await using mail = await startLineServer("220 mail.shop.example ESMTP", (line) =>
      line.startsWith("EHLO") ? "250 mail.shop.example" : "221 bye",
    );
    await using redis = await startRedis();
    await redis.ask("SET", "scheduler:lock", "1");
    await using uploads = await temporaryFolder();
    await using folder = await temporaryFolder({
      "healthspan.yaml": JSON.stringify(await localExample(mail, uploads)),
    });
    await using server = await startServe(folder.path, [], {
      DATABASE_URL: postgresUrl,
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      AMQP_URL: `amqp://127.0.0.1:${await closedPort()}`,
      HEALTH_TOKEN: token,
      FEED_SECRET: secret,
    });

    const node = await vi.waitFor(async () => {
      const answer = await ask(server, "/health/node/?format=json");
      // Right after the start of a busy machine, what the processor does is not known.
      expect(answer.status, answer.text).toBe(200);
      return answer;
    });
    expect(Object.keys(JSON.parse(node.text))).toEqual(endpointsOf("/health/node/"));

    expect((await ask(server, "/health/application/")).status).toBe(401);
    const authorized = { Authorization: `Bearer ${token}` };
    const working = { database: "working", cache: "working", mail: "working", uploads: "working" };
    const application = await ask(server, "/health/application/?format=json", authorized);
    expect(JSON.parse(application.text)).toMatchObject({ ...working, scheduler: "working" });
    await redis.ask("DEL", "scheduler:lock");
    const failing = await ask(server, "/health/application/?format=json", authorized);
    expect(failing.status).toBe(500);
    expect(JSON.parse(failing.text)).toMatchObject({
      ...working,
      scheduler: "Unexpected Result: the key does not exist",
    });

    expect((await ask(server, "/health/pipeline/?format=rss")).status).toBe(404);
    const feed = await ask(server, `/health/pipeline/${secret}/?format=rss`);
    expect(feed.status, feed.text).toBe(200);
    expect(feed.text).toContain("scheduler");
  });
});
