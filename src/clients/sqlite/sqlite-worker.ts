import { accessSync, constants } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { SqliteAnswer, SqliteQuestion } from "./ask-sqlite.ts";

// A worker thread of its own for each question: SQLite answers while nothing else runs in the thread.

const { path, statements, busyMilliseconds } = workerData as SqliteQuestion; // Only ask-sqlite.ts starts this.

function answer(): SqliteAnswer {
  try {
    accessSync(path, constants.R_OK); // SQLite says only that it cannot open it.
    const database = new DatabaseSync(path, { readOnly: true, timeout: busyMilliseconds });
    try {
      return { values: statements.map((statement) => firstValue(database, statement)) };
    } finally {
      database.close();
    }
  } catch (error) {
    const { code, errcode } = error as { code?: unknown; errcode?: unknown };
    return { code: String(code), number: typeof errcode === "number" ? errcode : undefined };
  }
}

/** As a text; undefined when there is no row. */
function firstValue(database: DatabaseSync, text: string): string | null | undefined {
  const statement = database.prepare(text);
  statement.setReadBigInts(true); // Else a great integer is an error.
  const row = statement.get();
  if (row === undefined) return undefined;
  const [value = null] = Object.values(row);
  return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : (value?.toString() ?? null);
}

parentPort?.postMessage(answer());
