import { fileURLToPath } from "node:url";
import { buildPackage } from "./support/built-package.ts";
import type { Figure } from "./support/figure.ts";
import { askOnce, type LoadOutcome, putUnderLoad, type RawAnswer } from "./support/load.ts";
import { runsByCheck } from "./support/metric-text.ts";
import { cpuSeconds } from "./support/process-use.ts";
import { serve } from "./support/serve.ts";
import { startServer } from "./support/server-process.ts";
import { verifyBetween, verifyEqual } from "./support/verify.ts";

const path = "/health/?format=json";
const checkCount = 20;
const load = { connections: 20, milliseconds: 500 };
const rounds = 15;
/** By answers and not by time, so that all of the code that answers has been compiled on a slow machine too. */
const warmUpAnswers = 40_000;

interface Measured extends LoadOutcome {
  /** Of the server. */
  readonly processorSeconds: number;
}

/** A bare Koa application: nothing but the one answer. */
const koa = `
  import Koa from "koa";
  const { head, body, type, keepAliveSeconds } = JSON.parse(process.env.ANSWER);
  const application = new Koa();
  application.use((ctx) => {
    if (head === undefined) ctx.type = type;
    else for (const [name, value] of head) ctx.set(name, value);
    ctx.body = body;
  });
  application.listen(process.env.PORT, "127.0.0.1").keepAliveTimeout = keepAliveSeconds * 1000;
`;

/**
 * How many requests are answered from 20 fresh results in a second of the server's processor time, beside a bare Koa
 * application with the same bytes. By the clock the client would be measured too, which shares the machine.
 */
export async function benchHealthJson(): Promise<Figure[]> {
  await using built = await buildPackage();
  await using served = await serve({ command: built.command, configuration: configuration() });
  const ours = { port: Number(new URL(served.url).port), pid: served.pid };
  const answer = await askOnce(ours.port, path);
  verifyEqual("the results in the answer", Object.values(JSON.parse(answer.body)), Array(checkCount).fill("working"));
  await using same = await startKoa(answer, { head: ownHeaders(answer.head) });
  await using plain = await startKoa(answer, { type: "json" });
  verifyEqual("the answer of the bare Koa application", comparable(await askOnce(same.port, path)), comparable(answer));
  verifyEqual("the body without those header fields", (await askOnce(plain.port, path)).body, answer.body);

  const runsBefore = await runs(ours.port);
  const measured = { ours: [] as Measured[], same: [] as Measured[], plain: [] as Measured[] };
  for (const { port } of [ours, same, plain]) await warmUp(port);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, server] of Object.entries({ ours, same, plain })) {
      const before = await cpuSeconds(server.pid);
      const outcome = await putUnderLoad(server.port, path, load);
      verifyEqual(`the status codes of ${name}`, outcome.byStatus, { 200: outcome.answers });
      const one = { ...outcome, processorSeconds: (await cpuSeconds(server.pid)) - before };
      measured[name as keyof typeof measured].push(one); // The keys are the same.
    }
  }
  // Those of the schedule: two intervals may begin while it is measured.
  verifyBetween("runs while it was asked", (await runs(ours.port)) - runsBefore, 0, 2 * checkCount);
  for (const { bytes, answers } of [...measured.ours, ...measured.same]) {
    verifyEqual("bytes of each answer", bytes / answers, answer.bytes);
  }
  const perSecond = (of: keyof typeof measured, seconds: "seconds" | "processorSeconds" = "processorSeconds"): number =>
    sum(measured[of].map(({ answers }) => answers)) / sum(measured[of].map((one) => one[seconds]));
  const [value, yardstickValue] = [perSecond("ours"), perSecond("same")];
  const byTheClock = perSecond("ours", "seconds") / perSecond("same", "seconds");
  return [
    {
      name: `${path} with ${checkCount} fresh results, per second of processor time`,
      value,
      unit: "requests/s",
      yardstick: "a bare Koa application that answers the same bytes",
      yardstickValue,
      ratio: value / yardstickValue,
      bound: 0.85,
      boundIs: "at least",
      note:
        `${byTheClock.toFixed(2)} times by the clock, with the client on the same machine; ` +
        `${(value / perSecond("plain")).toFixed(2)} times one that answers the same body with no header but its type`,
    },
  ];
}

async function warmUp(port: number): Promise<void> {
  for (let answers = 0; answers < warmUpAnswers; ) answers += (await putUnderLoad(port, path, load)).answers;
}

/** A bare Koa application that answers the same body with these header fields, or with the type alone. */
function startKoa({ head, body }: RawAnswer, fields: { readonly head: HeaderFields } | { readonly type: string }) {
  // Node itself announces it to the client.
  const keepAliveSeconds = Number(/^keep-alive: timeout=(\d+)$/im.exec(head)?.[1]);
  return startServer(["--input-type=module", "--eval", koa], "/", {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { ANSWER: JSON.stringify({ ...fields, body, keepAliveSeconds }) },
  });
}

/** All runs that the checks have finished. */
async function runs(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  return sum([...runsByCheck(await answer.text()).values()]);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** An answer apart from the moment at which it was given and the order of its header fields. */
function comparable({ head, body, bytes }: RawAnswer): object {
  const fields = head.toLowerCase().replace(/\r\ndate: .*/, "");
  return { fields: fields.split("\r\n").toSorted(), body, bytes };
}

/** Names and values. */
type HeaderFields = readonly (readonly string[])[];

/** The header fields that are not Node's own. */
function ownHeaders(head: string): HeaderFields {
  const fields = head.split("\r\n").slice(1);
  const ofNode = /^(?:date|connection|keep-alive|content-length):/i;
  return fields.filter((field) => !ofNode.test(field)).map((field) => field.split(": ", 2));
}

function configuration(): string {
  const checks = Array.from({ length: checkCount }, (_, index) => `  check-${index}: { type: disk, maxUsage: 100% }\n`);
  return `defaults: { interval: 1m }\nchecks:\n${checks.join("")}`;
}
