import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Bucket, emptyBucket } from "../../../src/store/buckets/bucket.ts";
import { checksPerShard } from "../../../src/store/buckets/column.ts";
import { cellOf } from "../../../src/store/buckets/durations.ts";
import type { Measured } from "../../../src/store/buckets/measured.ts";
import { days, hours, minutes, type Resolution, startOf } from "../../../src/store/buckets/resolution.ts";
import { BucketTable } from "../../../src/store/thread/bucket-table.ts";
import { openDatabase } from "../../../src/store/thread/open-database.ts";
import { inTransaction } from "../../../src/store/thread/schema.ts";
import { randomNumbers } from "../../support/history/simulated-life.ts";

const checks = 2 * checksPerShard;
const runsPerMillisecond = 1 / 15_000;
const now = Date.UTC(2027, 1, 5, 12);

/** What a check measures in a bucket. */
type Measuring = (random: () => number) => Omit<Measured, "count">;

/** What a check may have done in a bucket that runs every 15 seconds: one in a hundred is down for a part of it. */
function bucketOf(check: number, { milliseconds }: Resolution, random: () => number, measured?: Measuring): Bucket {
  const bucket = emptyBucket();
  const down = random() < 0.01 ? Math.round(random() * milliseconds) : 0;
  bucket.milliseconds[0] = milliseconds - down;
  bucket.milliseconds[2] = down;
  bucket.runs = milliseconds * runsPerMillisecond;
  bucket.failures = Math.round(down * runsPerMillisecond);
  const usual = 0.002 * 2 ** (check % 10);
  for (let run = 0; run < Math.min(bucket.runs, 500); run += 1) {
    const noise = 2 ** ((random() + random() + random() - 1.5) * 0.8) * (random() < 0.02 ? 3 : 1);
    const cell = cellOf(usual * noise);
    bucket.durations[cell] = (bucket.durations[cell] ?? 0) + Math.max(1, bucket.runs / 500);
  }
  if (measured !== undefined) bucket.measured = new Map([[1, { count: bucket.runs, ...measured(random) }]]);
  return bucket;
}

/** How much of the disk a check takes that has been watched for 400 days, in bytes. */
async function bytesOfACheck(measured?: Measuring): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-"));
  const path = join(folder, "history.db");
  const open = openDatabase(path, () => {});
  const table = new BucketTable(open.database);
  const random = randomNumbers(7);
  // The oldest first. What the buckets of a resolution add up to follows from them.
  let from = startOf(now - days.keptMilliseconds, days.rowMilliseconds);
  for (const resolution of [days, hours, minutes]) {
    const shorter = [hours, minutes].find(({ number }) => number < resolution.number);
    const until = shorter === undefined ? now : startOf(now - shorter.keptMilliseconds, shorter.rowMilliseconds);
    for (; from < until; from += resolution.milliseconds) {
      const columns = new Map<number, Map<number, Bucket>>();
      for (let check = 0; check < checks; check += 1) {
        const shard = Math.floor(check / checksPerShard);
        const column = columns.get(shard) ?? new Map<number, Bucket>();
        columns.set(shard, column.set(check % checksPerShard, bucketOf(check, resolution, random, measured)));
      }
      inTransaction(open.database, () => {
        table.add(resolution, from, columns);
        table.fill(from + resolution.milliseconds);
      });
    }
  }
  open.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const perCheck = (await stat(path)).size / checks;
  open.close();
  await rm(folder, { recursive: true });
  return perCheck;
}

it("a check takes about ten kilobytes on the disk when it has been watched for 400 days", async () => {
  const bytes = await bytesOfACheck();
  expect(bytes).toBeLessThan(10_000);
  expect(bytes).toBeGreaterThan(4000); // Else this writes less than it says.
}, 120_000);

it.each<[what: string, least: number, most: number, Measuring]>([
  ["stands still takes hardly more", 6500, 8500, () => ({ minimum: 20, mean: 20, maximum: 20 })],
  [
    "may be anything at any time takes 13 kilobytes more",
    18_000,
    22_000,
    (random) => {
      const mean = 1000 * random();
      return { minimum: mean * random(), mean, maximum: mean * (1 + random()) };
    },
  ],
])(
  "a check with a value that %s",
  async (_, least, most, measured) => {
    const bytes = await bytesOfACheck(measured);
    expect(bytes).toBeGreaterThan(least);
    expect(bytes).toBeLessThan(most);
  },
  120_000,
);
