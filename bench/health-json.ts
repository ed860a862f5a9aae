import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPackage } from "./built-package.ts";
import type { Figure } from "./support/figure.ts";
import { askOnce, requestsPerSecond } from "./support/http-load.ts";
import { median, startServer } from "./support/server-process.ts";

const path = "/health/?format=json";
const checkCount = 20;
const load = { connections: 20, milliseconds: 500 };
const rounds = 15;
const warmUpRounds = 4;

/** A bare Koa application: nothing but the one answer. */
const koa = `
  import Koa from "koa";
  const { head, body, type } = JSON.parse(process.env.ANSWER);
  const application = new Koa();
  application.use((ctx) => {
    if (head === undefined) ctx.type = type;
    else for (const [name, value] of head) ctx.set(name, value);
    ctx.body = body;
  });
  application.listen(process.env.PORT, "127.0.0.1");
`;

/** How many requests a second are answered from 20 fresh results, beside a bare Koa application with the same bytes. */
export async function benchHealthJson(): Promise<Figure[]> {
  await using built = await buildPackage();
  await writeFile(join(built.folder, "healthspan.yaml"), configuration());
  await using ours = await startServer([built.program, "serve"], path, { cwd: built.folder });
  const { head, body } = await askOnce(ours.port, path);
  if (Object.keys(JSON.parse(body)).length !== checkCount) throw new Error(`not the answer to be measured: ${body}`);
  await using same = await startKoa({ head: ownHeaders(head), body });
  await using plain = await startKoa({ type: "json", body });

  const measured = { ours: [] as number[], same: [] as number[], plain: [] as number[] };
  for (let round = 0; round < warmUpRounds + rounds; round += 1) {
    for (const [name, server] of Object.entries({ ours, same, plain })) {
      const perSecond = await requestsPerSecond(server.port, path, load);
      if (round >= warmUpRounds) measured[name as keyof typeof measured].push(perSecond); // The keys are the same.
    }
  }
  const [value, yardstickValue] = [median(measured.ours), median(measured.same)];
  return [
    {
      name: `${path} with ${checkCount} fresh results`,
      value,
      unit: "requests/s",
      yardstick: "a bare Koa application that answers the same bytes",
      yardstickValue,
      ratio: value / yardstickValue,
      bound: 0.85,
      boundIs: "at least",
      note: `${(value / median(measured.plain)).toFixed(2)} times one that answers the same body with no header but its type`,
    },
  ];
}

function startKoa(answer: object) {
  return startServer(["--input-type=module", "--eval", koa], "/", {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { ANSWER: JSON.stringify(answer) },
  });
}

/** The header fields that are not Node's own. */
function ownHeaders(head: string): readonly (readonly string[])[] {
  const fields = head.split("\r\n").slice(1);
  const ofNode = /^(?:date|connection|keep-alive|content-length):/i;
  return fields.filter((field) => !ofNode.test(field)).map((field) => field.split(": ", 2));
}

function configuration(): string {
  const checks = Array.from({ length: checkCount }, (_, index) => `  check-${index}: { type: disk, maxUsage: 100% }\n`);
  return `defaults: { interval: 1m }\nchecks:\n${checks.join("")}`;
}
