import { once } from "node:events";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";

/** What a database is asked. */
export interface SqliteQuestion {
  /** Of its file. */
  readonly path: string;
  readonly statements: readonly string[];
  /** How long a lock of somebody else is waited for. */
  readonly busyMilliseconds: number;
}

/** What each statement gave first, as a text; or the code of what went wrong, and SQLite's number for it. */
export type SqliteAnswer =
  | { readonly values: readonly (string | null | undefined)[] }
  | { readonly code: string; readonly number: number | undefined };

const worker = new URL(`./sqlite-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Opens a database for reading alone, asks it, and closes it, in a thread of its own.
 * @param signal ends the thread; but SQLite ends a statement before it lets the thread end, and this waits for it
 */
export async function askSqlite(question: SqliteQuestion, signal: AbortSignal): Promise<SqliteAnswer> {
  signal.throwIfAborted();
  const execArgv = ["--disable-warning=ExperimentalWarning"]; // Which Node.js 22 gives of SQLite.
  const thread = new Worker(worker, { workerData: question, execArgv });
  thread.unref();
  try {
    const [answer] = await once(thread, "message", { signal });
    return answer as SqliteAnswer; // The worker sends nothing else.
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await thread.terminate();
  }
}
