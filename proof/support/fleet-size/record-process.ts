import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "redis";
import type { CheckRecord, RecordedPast } from "../../../src/engine/sharing/check-record.ts";
import { shardOf } from "../../../src/fleet/fixed-shards.ts";
import { FleetTexts } from "../../../src/fleet/fleet-texts.ts";
import { shardCount } from "../../../src/fleet/leases.ts";
import { Mirror } from "../../../src/fleet/mirror.ts";
import { News } from "../../../src/fleet/news.ts";
import { writeRecord } from "../../../src/fleet/record.ts";
import { RedisLink } from "../../../src/fleet/redis-link.ts";
import { RedisRecords } from "../../../src/fleet/redis-records.ts";
import { Replicas } from "../../../src/fleet/replicas.ts";
import { Trouble } from "../../../src/fleet/trouble.ts";
import { ConnectionUrl } from "../../../src/health/secret.ts";

// Writes the records of a fleet, or reads them as a replica does, in a process of its own:
//   record-process.ts write|read REDIS CHECKS INTERVAL_SECONDS

/** What the process answers to any message. */
export interface RecordUse {
  /** Written, or known. */
  readonly records: number;
  /** Since the start, in seconds. */
  readonly cpuSeconds: number;
  /** V8's heap and what is outside of it, without garbage. */
  readonly megabytes: number;
  /** How long it took to read all that Redis held; 0 for a writer. */
  readonly loadMilliseconds: number;
  /** The longest time from the commit of a record until it was known here, by one clock; 0 for a writer. */
  readonly lagMilliseconds: number;
}

const [role, address = "", checkCount = "0", interval = "15"] = process.argv.slice(2);
const checks = Number(checkCount);
const prefix = "{healthspan:proof}";
const token = "proof";
/** As often as a replica commits. */
const turnMilliseconds = 500;

const redis = new ConnectionUrl(address);
const logger = { info: () => {}, warn: (_: object, message: string) => fail(message), error: () => {} };
const trouble = new Trouble({ name: "proof", redis }, logger);
const link = new RedisLink(createClient, redis, trouble.failed);
const records = new RedisRecords(link, prefix, role ?? "");
let counted = 0;
let loadMilliseconds = 0;
let lagMilliseconds = 0;

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

function use(): RecordUse {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    records: counted,
    cpuSeconds: (user + system) / 1e6,
    megabytes: (heapUsed + external) / 1e6,
    loadMilliseconds,
    lagMilliseconds,
  };
}

process.on("message", (order) => {
  if (order === "forget") lagMilliseconds = 0;
  process.send?.(use());
});
process.on("disconnect", () => process.exit());
while (!records.isReady) await pause(20);
if (role === "write") await write();
else await read();

/** Every check once an interval, in commits of a shard, two a second, as the holder of all shards would. */
async function write(): Promise<void> {
  const client = createClient({ url: address });
  await client.connect();
  const lockOf = (shard: number) => ({ key: `${prefix}:shards:s${shard}:lock`, token });
  for (let shard = 0; shard < shardCount; shard += 1) await client.set(lockOf(shard).key, token);
  const past: RecordedPast = {
    transitions: [{ at: Date.now(), from: "unknown", to: "healthy", failure: undefined }],
    recent: ["healthy"],
  };
  const names = Map.groupBy(
    Array.from({ length: checks }, (_, index) => `checks/of-a-service-${index}`),
    (name) => shardOf(name, shardCount),
  );
  let sequence = 0;
  const commit = async (shard: number, wanted: readonly string[], isPastKnown: boolean): Promise<void> => {
    const now = Date.now();
    const written = wanted.map((name) => ({
      name,
      isPastKnown,
      ...writeRecord({ record: recordOf(name, now, past), by: "writer", sequence: sequence++ }, 100),
    }));
    const committed = await records.commit(shard, lockOf(shard), written, Number.MAX_SAFE_INTEGER);
    if (typeof committed === "string") fail(`a commit was ${committed}`);
    counted += written.length;
  };
  for (const [shard, ofShard] of names) await commit(shard, ofShard, false);
  process.send?.("ready");
  await once(process, "message");
  const turns = (Number(interval) * 1000) / turnMilliseconds;
  for (let turn = 0; ; turn += 1) {
    const startedAt = performance.now();
    for (const [shard, ofShard] of names) {
      const share = ofShard.filter((_, index) => index % turns === turn % turns);
      if (share.length > 0) await commit(shard, share, true);
    }
    await pause(Math.max(0, startedAt + turnMilliseconds - performance.now()));
  }
}

function recordOf(name: string, now: number, past: RecordedPast): CheckRecord {
  return {
    name,
    type: "http",
    state: "healthy",
    failure: undefined,
    since: now,
    lastRun: { startedAt: now, durationSeconds: 0.012345678, traceId: "0af7651916cd43dd8448eb211c80319c" },
    lastSuccessAt: now,
    certificateExpiresAt: undefined,
    measures: [],
    consecutiveFailures: 0,
    cause: undefined,
    past,
  };
}

async function read(): Promise<void> {
  const mirror: Mirror = new Mirror("reader", (name, _, { isNews }) => {
    if (!isNews) return;
    counted += 1;
    const known = mirror.find(name);
    if (known !== undefined) lagMilliseconds = Math.max(lagMilliseconds, Date.now() - known.at);
  });
  await records.tell({ kind: "hello", replica: "" }); // So that it is known what the clock of Redis says.
  const startedAt = performance.now();
  const news = new News({
    link,
    records,
    mirror,
    replicas: new Replicas(8000),
    texts: new FleetTexts(records, link),
    trouble,
    left: () => {},
  });
  void news.read();
  await news.loaded;
  loadMilliseconds = performance.now() - startedAt;
  if (mirror.size !== checks) fail(`${mirror.size} records are known, not ${checks}`);
  process.send?.("ready");
}
