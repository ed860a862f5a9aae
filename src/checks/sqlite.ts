import { z } from "zod";
import { askSqlite } from "../clients/sqlite/ask-sqlite.ts";
import { integrityError, sqliteError } from "../clients/sqlite/sqlite-error.ts";
import { healthCheck } from "../health/health-check.ts";
import type { Target } from "../health/target.ts";
import { networkFields, warnOfSlowness } from "../net/network-fields.ts";
import { expectValue, queryFields, queryIssue } from "../net/query-fields.ts";

/** What must say `ok`. The first fault is enough. */
const integrityChecks = { none: [], quick: ["PRAGMA quick_check(1)"], full: ["PRAGMA integrity_check(1)"] } as const;

/**
 * Opens an SQLite database for reading, and reads its schema.
 *
 * The user that runs Healthspan must be allowed to read the file; nothing is written. It runs in a thread of its own. A check of the
 * integrity reads the whole file, and `full` the indexes as well, which takes long: give it an interval and a time-out of its own.
 *
 * ```yaml
 * checks:
 *   orders: { type: sqlite, path: /var/lib/shop/orders.db, query: SELECT count(*) < 1000 FROM jobs, expected: true }
 *   integrity: { type: sqlite, path: /var/lib/shop/orders.db, integrity: quick, interval: 1h, timeout: 1m }
 * ```
 */
export class Sqlite extends healthCheck({
  group: "data",
  labels: { path: z.string().min(1).describe("The path of the database's file.") },
  settings: {
    query: queryFields.query.describe(
      "What to ask besides. One that is not over at the time-out goes on, and until it ends, no other is begun.",
    ),
    expected: queryFields.expected,
    integrity: z
      .enum(["none", "quick", "full"])
      .default("none")
      .describe("quick: look for damage in the tables. full: compare the indexes with them, too."),
    maxResponseTime: networkFields.maxResponseTime.describe("Warns when a run takes longer."),
  },
  validate: queryIssue,
}) {
  static readonly module = import.meta.url;

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const { path, query, expected, integrity } = this;
    const checks = integrityChecks[integrity];
    // SELECT 1 would not even read the file.
    const statements = ["PRAGMA schema_version", ...checks, ...(query === undefined ? [] : [query])];
    const busyMilliseconds = Math.floor(this.timeout.milliseconds / 2);
    const answer = await askSqlite({ path, statements, busyMilliseconds }, signal);
    if ("code" in answer) throw sqliteError(answer);
    const [, ...values] = answer.values;
    if (checks.length > 0 && values.shift() !== "ok") throw integrityError();
    const [value] = values;
    if (expected !== undefined) expectValue(value === undefined ? [] : [[value]], expected, ["1", "0"]);
    warnOfSlowness(performance.now() - startedAt, this);
  }

  override get target(): Target {
    return { system: "sqlite", namespace: this.path };
  }
}
