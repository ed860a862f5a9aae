import type { ConnectionOptions } from "node:tls";
import { AnswerGuard } from "../../net/answer-guard.ts";
import type { Login } from "../../net/login-options.ts";
import { openSocket, serverNameOf, startTls } from "../../net/open-socket.ts";
import { knownErrors, serverError } from "../../net/server-errors.ts";
import type { ServerAddress } from "../../net/server-list.ts";
import { foreignLdap, ldapError, resultCodeOf, sizeLimitExceeded, startTlsRefusals } from "./ldap-error.ts";
import { ldapMessages } from "./ldap-messages.ts";

/** What is used of the package `ldapts`. */
export type LdapLibrary = Pick<typeof import("ldapts"), "Client">;

/** Where a server is, and how to log in to it. */
export interface LdapServer extends Pick<Login, "username" | "password"> {
  readonly address: ServerAddress;
  readonly family?: 4 | 6 | undefined;
  readonly tls: ConnectionOptions | undefined;
  /** Whether TLS begins by a request, rather than with the first byte. */
  readonly startTls: boolean;
}

/** What is looked for. */
export interface LdapSearch {
  readonly base: string;
  /** Below the base. Default: the base itself is looked for. */
  readonly filter?: string | undefined;
  /** How many are counted. */
  readonly maxEntries: number;
}

/** @returns how many entries were found */
export type CountEntries = (search: LdapSearch) => Promise<number>;

/**
 * Connects to a server, and binds if there is somebody to bind as.
 * @param lifetime as described at `OpenConnection`
 */
export async function openLdap(
  library: LdapLibrary,
  server: LdapServer,
  lifetime: AbortController,
): Promise<CountEntries> {
  const { address, family, username, password } = server;
  const { signal } = lifetime;
  const servername = serverNameOf(address.host);
  const tls = server.tls && { ...server.tls, host: address.host, ...(servername !== undefined && { servername }) };
  const socket = await openSocket({ address, family, tls: server.startTls ? undefined : tls }, signal);
  socket.unref();
  const fail = (error: Error): void => lifetime.abort(error);
  const guard = new AnswerGuard(ldapMessages);
  guard.watch(socket, foreignLdap, fail);
  socket.once("close", () => lifetime.abort(socket.errored ?? serverError(knownErrors.closedByServer)));
  const client = new library.Client({
    url: "ldap://localhost", // Which the socket makes untrue.
    createConnection: () => socket,
    createSecureConnection: () => {
      const upper = startTls(socket, tls ?? {});
      guard.watch(upper, foreignLdap, fail);
      return upper;
    },
  });
  const during = async <Result>(action: () => Promise<Result>): Promise<Result> => {
    guard.begin();
    try {
      return await action();
    } catch (error) {
      throw signal.aborted ? signal.reason : ldapError(error);
    }
  };
  if (server.startTls) {
    await during(() =>
      client.startTLS().catch((error: unknown) => {
        throw startTlsRefusals.has(resultCodeOf(error)) ? serverError(knownErrors.tlsDeclined, error) : error;
      }),
    );
  }
  if (username !== undefined && password !== undefined) await during(() => client.bind(username, password.reveal()));
  return ({ base, filter, maxEntries }) =>
    during(async () => {
      const scope: "base" | "sub" = filter === undefined ? "base" : "sub";
      // The attribute 1.1 is none (RFC 4511, section 4.5.1.8).
      const options = {
        scope,
        attributes: ["1.1"],
        sizeLimit: maxEntries,
        ...(filter !== undefined && { filter }),
      };
      try {
        return (await client.search(base, options)).searchEntries.length;
      } catch (error) {
        if (resultCodeOf(error) === sizeLimitExceeded) return maxEntries;
        throw error;
      }
    });
}
