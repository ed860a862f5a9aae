import { closeSync, openSync, readlinkSync, readSync, realpathSync, renameSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { LogLine } from "./messages.ts";
import { applicationId, configure, createTables, migrateFromFirst, schemaVersion } from "./schema.ts";

/** SQLite's numbers for what went wrong (its documentation, "Result and Error Codes"). */
const codes = { busy: 5, corrupt: 11, notDatabase: 26 } as const;

const header = "SQLite format 3\0";

/** A database that is open, and what has to be closed after it. */
export interface OpenDatabase {
  readonly database: DatabaseSync;
  /** Where it really is; undefined in memory. */
  readonly path: string | undefined;
  close(): void;
}

/** Says something for the log. */
export type Say = (line: LogLine) => void;

/** Why a file is left alone, and what to do. */
class NotUsable extends Error {
  override name = "NotUsable";
}

/** A database that ends with the process. */
export function openInMemory(): OpenDatabase {
  const database = new DatabaseSync(":memory:");
  createTables(database);
  return { database, path: undefined, close: () => database.close() };
}

/**
 * Opens the database at a path, or makes it. What is damaged, or of another version, is set aside; what is no file, cannot be
 * opened, or is in use by another server, is left alone, and a database in memory takes its place. Either is said once.
 * @param importFrom called with a file that is no database but may be a state file of an earlier version; returns whether it was
 */
export function openDatabase(named: string, say: Say): OpenDatabase {
  let lock: DatabaseSync | undefined;
  try {
    const path = whereItIs(named);
    lock = lockOf(path);
    const database = openOrMake(path, say);
    const held = lock;
    const close = (): void => {
      if (database.isOpen) database.close();
      held.close();
    };
    return { database, path, close };
  } catch (error) {
    lock?.close();
    const [why, advice] =
      error instanceof NotUsable
        ? [error.message, ""]
        : ["cannot be opened", " Let the user that Healthspan runs as read and write it and its folder."];
    const message = `${named} ${why}: it is left alone, and history is kept in memory until the next start.${advice}`;
    say({ level: "warn", message, ...(!(error instanceof NotUsable) && { error: textOf(error) }) });
    return openInMemory();
  }
}

/** Whether the error says that a database is damaged. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return code === codes.corrupt || code === codes.notDatabase || error instanceof RangeError;
}

/**
 * Moves a database out of the way, with what belongs to it.
 * @throws Error when it cannot be moved
 */
export function setAside(path: string, why: string, say: Say): void {
  const aside = `${path}.damaged`;
  try {
    renameSync(path, aside);
    for (const end of ["-wal", "-shm"]) {
      if (statSync(path + end, { throwIfNoEntry: false }) !== undefined) renameSync(path + end, aside + end);
    }
  } catch (error) {
    throw new NotUsable(`${why}, and could not be set aside (${textOf(error)}): move it away, and start again`);
  }
  say({ level: "warn", message: `${path} ${why}, and was set aside as ${aside}: the past is unknown` });
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A link stays a link: what it leads to is opened, or made. */
function whereItIs(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) {
    if (!found.isFile()) throw new NotUsable("is no regular file; name one in store, which need not exist");
    return realpathSync(path);
  }
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return path; // It is not a link.
  }
}

/**
 * Sees that no other server uses the same database: each would overwrite what the other knows. The lock is one that SQLite holds
 * on a file beside it, so that it ends with the process, however that ends, and keeps nobody from reading the database.
 */
function lockOf(path: string): DatabaseSync {
  const lockPath = `${path}.lock`;
  make(lockPath);
  const lock = new DatabaseSync(lockPath, { timeout: 0 });
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    if (codeOf(error) !== codes.busy) throw error;
    throw new NotUsable("is in use by another server; give each its own file");
  }
}

function openOrMake(path: string, say: Say): DatabaseSync {
  const start = startOf(path);
  if (start !== "" && start !== header) setAside(path, "is damaged, or no database", say);
  make(path);
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    const found = (name: string): unknown => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    const tables = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.count;
    if (tables === 0) createTables(database);
    else if (found("application_id") !== applicationId) {
      throw new NotUsable("is a database of another program; name another file in store");
    } else if (found("user_version") === 1) migrateFromFirst(database);
    else if (found("user_version") !== schemaVersion) {
      database.close();
      setAside(path, "is of another version", say);
      return openOrMake(path, say);
    }
    configure(database);
    return database;
  } catch (error) {
    if (database.isOpen) database.close();
    if (!isDamage(error)) throw error;
    setAside(path, "is damaged", say);
    return openOrMake(path, say);
  }
}

/** The first bytes of a file; none when there is none, or it is empty. */
function startOf(path: string): string {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return "";
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(header.length);
    return bytes.toString("latin1", 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

/** Makes a file, if there is none, that only its owner can read. */
function make(path: string): void {
  closeSync(openSync(path, "a", 0o600));
}

function codeOf(error: unknown): number | undefined {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? code & 0xff : undefined; // The rest says more of the same.
}
