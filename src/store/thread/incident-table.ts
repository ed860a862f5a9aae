import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Incident, IncidentQuestion } from "../../health/history/history.ts";

const keptMilliseconds = 400 * 86_400_000;
const maxPerCheck = 200;
const maxIncidents = 100_000;

/** The incidents of the past, and those that last. */
export class IncidentTable {
  readonly #write: StatementSync;
  readonly #find: StatementSync;
  readonly #open: StatementSync;
  readonly #prunes: readonly StatementSync[];

  constructor(database: DatabaseSync) {
    this.#write = database.prepare(
      "INSERT OR REPLACE INTO incidents (id, name, started, ended, body) VALUES (?, ?, ?, ?, ?)",
    );
    this.#find = database.prepare(
      `SELECT started, ended, body FROM incidents
       WHERE name IN (SELECT value FROM json_each(?)) AND started < ? AND (ended IS NULL OR ended >= ?)
       ORDER BY started DESC, id DESC LIMIT ?`,
    );
    this.#open = database.prepare("SELECT started, ended, body FROM incidents WHERE ended IS NULL ORDER BY started");
    this.#prunes = [
      database.prepare("DELETE FROM incidents WHERE ended < ?"),
      database.prepare(
        `DELETE FROM incidents WHERE ended IS NOT NULL AND id IN (
           SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY name ORDER BY started DESC) AS place FROM incidents)
           WHERE place > ${maxPerCheck})`,
      ),
      database.prepare(
        `DELETE FROM incidents WHERE ended IS NOT NULL AND id IN (
           SELECT id FROM incidents ORDER BY started DESC LIMIT -1 OFFSET ${maxIncidents})`,
      ),
    ];
  }

  write({ id, check, startedAt, endedAt, ...body }: Incident): void {
    this.#write.run(id, check, startedAt, endedAt ?? null, JSON.stringify({ id, check, ...body }));
  }

  find({ checks, since, before, limit }: IncidentQuestion): readonly Incident[] {
    const names = JSON.stringify(checks);
    const until = before ?? Number.MAX_SAFE_INTEGER;
    return this.#find.all(names, until, since ?? Number.MIN_SAFE_INTEGER, limit).map(incidentOf);
  }

  /** Those that last. */
  open(): readonly Incident[] {
    return this.#open.all().map(incidentOf);
  }

  /** Removes what is older, or more, than is kept. */
  prune(moment: number): void {
    const [old, ...many] = this.#prunes;
    old?.run(moment - keptMilliseconds);
    for (const prune of many) prune.run();
  }
}

function incidentOf({ started, ended, body }: Record<string, SQLOutputValue>): Incident {
  const { id, check, state, failure, traceId } = JSON.parse(String(body)); // Written above.
  const endedAt = ended === null ? undefined : Number(ended);
  return { id, check, startedAt: Number(started), endedAt, state, failure, traceId };
}
