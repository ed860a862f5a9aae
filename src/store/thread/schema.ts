import type { DatabaseSync } from "node:sqlite";

/** "HSPN": says to SQLite's tools, and to us, whose database it is. */
export const applicationId = 0x48_53_50_4e;

/** Of the tables below. A database of version 1 is brought to it; one of another version is set aside. */
export const schemaVersion = 2;

/** What version 2 added: version 1 kept nothing that was measured. */
const measuresTable = `
  CREATE TABLE measures (id INTEGER PRIMARY KEY, name TEXT NOT NULL, unit TEXT NOT NULL, UNIQUE (name, unit));
`;

const tables = `
  CREATE TABLE checks (id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, seen INTEGER NOT NULL, UNIQUE (name, type));
  CREATE TABLE memories (name TEXT PRIMARY KEY, current TEXT NOT NULL, transitions TEXT NOT NULL);
  CREATE TABLE incidents (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER, body TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX incidents_by_check ON incidents (name, started);
  CREATE INDEX incidents_by_start ON incidents (started);
  CREATE TABLE journal (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, key INTEGER NOT NULL, body BLOB NOT NULL);
  CREATE TABLE buckets (key INTEGER PRIMARY KEY, full INTEGER NOT NULL, body BLOB NOT NULL);
  CREATE INDEX open_buckets ON buckets (key) WHERE full = 0;
  CREATE TABLE documents (kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
  ${measuresTable}
`;

/** Lets a connection write as it should: a commit is in the file at once, and on the disk with the next checkpoint. */
export function configure(database: DatabaseSync): void {
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304");
}

/** Makes the tables in an empty database. */
export function createTables(database: DatabaseSync): void {
  database.exec("PRAGMA auto_vacuum = INCREMENTAL");
  configure(database);
  database.exec(
    `BEGIN; ${tables} PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT`,
  );
}

/** Brings a database of version 1 to the present one. All that is in it stays as it is. */
export function migrateFromFirst(database: DatabaseSync): void {
  inTransaction(database, () => database.exec(`${measuresTable} PRAGMA user_version = ${schemaVersion}`));
}

/** Does something as a whole or not at all. */
export function inTransaction(database: DatabaseSync, action: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    action();
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK"); // A full disk has ended it already.
    throw error;
  }
}
