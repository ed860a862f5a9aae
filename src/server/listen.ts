import type { RequestListener, Server, ServerOptions } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { Connections } from "./connections.ts";
import { createServer, nodeHttps } from "./node-http.ts";
import { defaultLimits, type ServerLimits } from "./server-limits.ts";
import { type ServerTls, serverTlsOptions } from "./server-tls.ts";

/** A server that accepts requests. */
export interface Listening {
  /** Where it can be asked: `http://localhost:9464`. */
  readonly url: string;
  /** Uses other files for connections that come from now on. Whether there is TLS, and whether clients need a certificate, stays. */
  renewTls(tls: ServerTls): void;
  /**
   * Accepts no more, and resolves once what was being answered has been, or when the time for it is up.
   * @param graceMilliseconds how long an answer may still take
   */
  stop(graceMilliseconds?: number): Promise<void>;
}

/** The address is taken, not ours, or not to be had. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  /** Whether it may be had later: another program may end, or an interface come up. */
  readonly mayPass: boolean;

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options);
    const { code } = (options.cause ?? {}) as NodeJS.ErrnoException;
    this.mayPass = code !== undefined && passingCodes.has(code);
  }
}

const passingCodes: ReadonlySet<string> = new Set([
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
  "EAI_AGAIN",
  "EMFILE",
  "ENFILE",
  "ENOTFOUND",
]);

/** How often the time for headers and requests is looked after. */
const maxCheckingMilliseconds = 5_000;
const maxHeaders = 100;

/** How many connections may wait to be accepted: a burst of probes is not refused. */
const backlog = 2_048;

/** Most programs that stop a server end it by force after ten seconds. */
const defaultGraceMilliseconds = 8_000;

/**
 * Listens for requests.
 * @param host a name or address of this machine; an IPv6 one with or without brackets
 * @param port 0 takes a free one
 * @param tls serves HTTPS
 * @throws ListenError that says what to do
 */
export async function listen(
  handler: RequestListener,
  host: string,
  port: number,
  limits: ServerLimits = defaultLimits,
  tls?: ServerTls,
): Promise<Listening> {
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ListenError(`${port} is not a valid port (1 to 65535). Choose another with --port, or 0 for any.`);
  }
  const listener: RequestListener = (request, response) => {
    if (connections.admit(request, response)) handler(request, response);
  };
  const secure = tls === undefined ? undefined : secureServer(limits, tls, listener);
  const server = secure ?? createServer(optionsOf(limits), listener);
  server.maxHeadersCount = maxHeaders;
  server.on("connect", refuseTunnel);
  const connections = new Connections(server, limits);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, address, port)));
    server.listen({ host: address, port, backlog }, resolve);
  });
  const { port: taken } = server.address() as AddressInfo; // It listens on TCP.
  return {
    url: `${secure === undefined ? "http" : "https"}://${authority(address, taken)}`,
    renewTls: (renewed) => {
      const isAlike = (renewed.clientCa === undefined) === (tls?.clientCa === undefined);
      // Otherwise the well-known authorities would be those of clients.
      if (isAlike) secure?.setSecureContext(serverTlsOptions(renewed));
    },
    stop: (graceMilliseconds = defaultGraceMilliseconds) => stop(server, connections, graceMilliseconds),
  };
}

function secureServer(limits: ServerLimits, tls: ServerTls, listener: RequestListener): SecureServer {
  const options = {
    ...optionsOf(limits),
    ...serverTlsOptions(tls),
    handshakeTimeout: limits.headerTimeout.milliseconds,
  };
  return nodeHttps().createServer(options, listener);
}

function optionsOf(limits: ServerLimits): ServerOptions {
  const { headerTimeout, requestTimeout, keepAliveTimeout, headerSize } = limits;
  return {
    headersTimeout: headerTimeout.milliseconds,
    requestTimeout: requestTimeout.milliseconds,
    connectionsCheckingInterval: Math.min(maxCheckingMilliseconds, headerTimeout.milliseconds / 2),
    keepAliveTimeout: keepAliveTimeout.milliseconds,
    maxHeaderSize: headerSize,
  };
}

/** How often a server that is stopping closes the connections that have become idle. */
const idleCheckMilliseconds = 20;

async function stop(server: Server, connections: Connections, graceMilliseconds: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const closeIdle = (): void => {
    server.closeIdleConnections();
    connections.closeUnused();
  };
  closeIdle();
  const idle = setInterval(closeIdle, idleCheckMilliseconds);
  const grace = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
  await closed;
  clearInterval(idle);
  clearTimeout(grace);
}

/** Node hands `CONNECT` out on its own, without an answer to write to. */
function refuseTunnel(_request: unknown, socket: Duplex): void {
  socket.on("error", () => {}); // The client may go as it likes.
  socket.end(
    "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
  );
}

function authority(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): ListenError {
  return new ListenError(explain(error, host, port), { cause: error });
}

function explain({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  const address = authority(host, port);
  switch (code) {
    case "EADDRINUSE":
      return `${address} is in use by another program. Choose another port with --port, or 0 for any.`;
    case "EACCES":
    case "EPERM":
      return `${address} is not allowed to this user. Choose a port above 1023 with --port.`;
    case "EAFNOSUPPORT":
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EINVAL":
      return `${host} is not an address of this machine. Choose one with --host, such as localhost or 0.0.0.0.`;
    case "EMFILE":
    case "ENFILE":
      return `${address} cannot be opened: too many files are open. Raise the limit (ulimit -n).`;
    default:
      return `cannot listen on ${address}: ${message}`;
  }
}
