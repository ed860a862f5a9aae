import { createRequire } from "node:module";
import type { Socket } from "node:net";

/** A connection of the client library: no type of it tells of that. */
export interface LibraryConnection {
  /** @throws MongoServerError when the server answers with an error */
  command(namespace: { readonly db: string }, command: object, options?: object, answer?: unknown): Promise<unknown>;
}

/** What a connection is made with. */
export interface LibraryConnectionOptions {
  /** A number, but for those on which the library watches the servers. */
  readonly id: number | "<monitor>";
  readonly hostAddress: { toHostPort(): { readonly host: string; readonly port: number } };
}

/** The class of connections, which may be extended and handed to a client as its option `connectionType`. */
export type LibraryConnectionClass = new (socket: Socket, options: LibraryConnectionOptions) => LibraryConnection;

/** What is used of the package `mongodb`. */
export type MongodbLibrary = Pick<
  typeof import("mongodb"),
  "MongoClient" | "MongoServerError" | "MongoNetworkError" | "MongoCompatibilityError"
> & { readonly Connection: LibraryConnectionClass };

/** Loads the package, and what it does not export: there is no other way to see answers before it does. */
export async function loadMongodb(): Promise<MongodbLibrary> {
  const require = createRequire(import.meta.url);
  const { MongoClient, MongoServerError, MongoNetworkError, MongoCompatibilityError } = await import("mongodb");
  // As version 7 has it, for which the test of this check asks.
  const { Connection }: { Connection: LibraryConnectionClass } = require("mongodb/lib/cmap/connection.js");
  return { MongoClient, MongoServerError, MongoNetworkError, MongoCompatibilityError, Connection };
}
