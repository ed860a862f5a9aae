import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { catalogue } from "../../src/checks/index.ts";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import type { HealthCheck, HealthCheckClass } from "../../src/health/health-check.ts";
import { channelTypes } from "../../src/notices/catalogue.ts";
import { openHistory } from "../../src/store/open-history.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { rememberingLogger } from "../support/logs.ts";
import { sampleChannels } from "../support/sample-channels.ts";
import { secretPlacesOf } from "../support/secret-options.ts";
import { startServe } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** The bytes of the database, its write-ahead log and everything else that is beside it, pages that are free included. */
async function bytesOf(file: string): Promise<string> {
  const names = (await readdir(folder.path)).filter((name) => name.startsWith(file));
  const texts = names.map((name) => readFile(join(folder.path, name), "latin1"));
  return (await Promise.all(texts)).join("\n");
}

/** Every way in which a secret may be written. */
function formsOf(secret: string): readonly string[] {
  const texts = [secret, `user:${secret}`, `:${secret}`].map((text) => Buffer.from(text));
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    ...texts.flatMap((text) => [text.toString("base64").replace(/=+$/, ""), text.toString("base64url")]),
  ];
}

it("no secret of any check is in the file, not in its log, and not in what was removed from it", {
  timeout: 240_000,
}, async () => {
  await using echo = await startTcpServer((socket) => socket.pipe(socket));
  const secrets: string[] = [];
  const checks: HealthCheck[] = [];
  for (const type of Object.keys(catalogue) as (keyof typeof catalogue)[]) {
    const Check: HealthCheckClass = await catalogue[type]();
    for (const [index, { field, make }] of secretPlacesOf(Check).entries()) {
      // As long as the longest key that some service demands.
      const { options, secret } = make(`hush-${type}-${field}-${index}-0123456789abcdef`, echo.port);
      secrets.push(secret);
      checks.push(new Check({ ...options, name: `${type} ${field} ${index}`, timeout: "150ms" }));
    }
  }
  expect(checks.length).toBeGreaterThan(60); // Else nothing was tried.
  const history = await openHistory({ path: join(folder.path, "history.db"), logger: rememberingLogger() });
  const monitor = new HealthMonitor(checks, { logger: rememberingLogger(), history, concurrency: 20 });
  await monitor.report();
  await history.incidents({ checks: [], limit: 1 }); // What was observed is written.
  const opened = await bytesOf("history.db");
  await monitor.replace([], [{ path: "/health/" }]);
  await history.incidents({ checks: [], limit: 1 });
  const removed = await bytesOf("history.db");
  await monitor.close();
  await history.close();
  const closed = await bytesOf("history.db");
  expect(opened).toContain(checks[0]?.name); // Else the secrets are looked for in the wrong place.
  expect(opened).toContain("SQLite format 3");
  for (const [when, bytes] of Object.entries({ opened, removed, closed })) {
    const found = secrets.filter((secret) => formsOf(secret).some((form) => bytes.includes(form)));
    expect(found, when).toEqual([]);
  }
});

it("no secret of any channel is in the file while its notices wait, whatever the service answers", {
  timeout: 120_000,
}, async () => {
  // It repeats all that it is sent, and takes nothing.
  await using service = await startHttpTarget(({ url = "", headers }, response) => {
    response.writeHead(503).end(`no ${url} ${JSON.stringify(headers)} ${service.requests.at(-1)?.body}`);
  });
  const samples = [
    ...sampleChannels(service.origin),
    {
      type: "webhook",
      url: `${service.origin}/hush-of-query?key=hush-of-key`,
      headers: { "X-Key": "hush-of-header" },
    },
    { type: "alertmanager", url: service.origin, bearer: "hush-of-alertmanager" },
    { type: "email", url: "smtp://alice:hush-of-mail@127.0.0.1:1", from: "a@shop.example", to: "b@shop.example" },
  ];
  expect(new Set(samples.map(({ type }) => type))).toEqual(new Set(Object.keys(channelTypes)));
  const notify = Object.fromEntries(samples.map((sample, index) => [`channel-${index}`, sample]));
  await folder.write(
    "healthspan.yaml",
    JSON.stringify({
      store: "history.db",
      checks: { down: { type: "tcp", host: "127.0.0.1", port: 1, interval: "1s" } },
      notify,
      defaults: { notify: Object.keys(notify) },
    }),
  );
  await using server = await startServe(folder.path);
  await vi.waitFor(
    async () => {
      const lines = server.printed().stderr;
      for (const name of Object.keys(notify))
        expect(lines).toContain(`the channel \\"${name}\\" did not take a message`);
    },
    { timeout: 60_000, interval: 200 },
  );
  const waiting = await bytesOf("history.db");
  expect(waiting).toContain("channel-0"); // Else the notices do not wait there.
  expect(waiting).not.toMatch(/hush/);
  for (const sample of samples) {
    for (const [, secret = ""] of JSON.stringify(sample).matchAll(/"([^"]*hush[^"]*)"/g)) {
      for (const form of formsOf(secret)) expect(waiting.includes(form), secret).toBe(false);
    }
  }
});
