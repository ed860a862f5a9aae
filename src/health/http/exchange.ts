import type { X509Certificate } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, TLSSocket } from "node:tls";
import { context, propagation } from "@opentelemetry/api";
import { failureOf } from "../failure.ts";
import { ClientRequest } from "../node-http.ts";
import type { PhaseClock } from "../phase-clock.ts";
import type { ConnectionGate } from "../probing/connection-gate.ts";
import { exchangeError } from "./exchange-error.ts";
import type { HttpRequest } from "./http-request.ts";

/** What the server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as sent, when it was asked for. */
  readonly body: Buffer;
  /** Whether there was more of it than was to be read. */
  readonly truncated: boolean;
  /** The server's, when the connection had one. */
  readonly certificate: X509Certificate | undefined;
}

/** What is done with the body of an answer: read and kept, read to its end only, or left where it is. */
type BodyUse = "keep" | "discard" | "ignore";

/** How a request is sent and its answer read. */
export interface ExchangeOptions {
  /** Which of a name's addresses may be used; both kinds when undefined. */
  readonly family: 4 | 6 | undefined;
  /** Decides where a probe may connect to; undefined for what a configuration names. */
  readonly gate?: ConnectionGate | undefined;
  /** For an https address: what is trusted, and the client's certificate. */
  readonly secureContext: SecureContext | undefined;
  readonly verifyCertificate: boolean;
  /** Whether the target is told of the trace. */
  readonly propagate: boolean;
  /** No more than so many bytes of a body are read. */
  readonly maxBodySize: number;
  /** Decides what becomes of the body when the headers are there. */
  readonly bodyUse: (status: number, headers: IncomingHttpHeaders) => BodyUse;
  readonly clock: PhaseClock;
  readonly signal: AbortSignal;
}

/**
 * Sends one request over a connection of its own and reads the answer. The connection is gone when the promise settles
 * and when the signal fires.
 * @throws HealthCheckError for an answer that is none, else what the connection failed with
 */
export function exchange(request: HttpRequest, options: ExchangeOptions): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { clock, signal } = options;
    signal.throwIfAborted();
    options.gate?.enter(hostOf(request.url));
    let socket: Socket | undefined;
    let open = true;
    let answered: IncomingMessage | undefined;
    function settle(how: () => void, failure?: string): void {
      if (!open) return; // A connection that is being let go may still complain.
      open = false;
      clock.end(failure);
      signal.removeEventListener("abort", aborted);
      socket?.destroy();
      how();
    }
    function finish(answer: HttpAnswer): void {
      settle(() => resolve(answer));
    }
    function fail(thrown: Error): void {
      // What comes after the answer is nothing to us: whether it is seen at all depends on its arriving at once.
      if (answered?.complete === true) return;
      const error = exchangeError(thrown, clock.phase);
      settle(() => reject(error), failureOf(error, (message) => message).message);
    }
    function aborted(): void {
      const { reason } = signal;
      settle(() => reject(reason), reason instanceof Error ? reason.message : "aborted");
    }

    // Not by way of http.request: whoever instruments that would add a second span and a second trace context.
    const client = new ClientRequest({
      host: request.url.hostname,
      method: request.method,
      path: request.url.pathname + request.url.search,
      headers: requestHeaders(request, options.propagate),
      setHost: false,
      createConnection: () => {
        socket = connect(request, options, () => client.end(request.body));
        return socket.on("error", fail);
      },
    });
    signal.addEventListener("abort", aborted);
    client.on("error", fail);
    client.once("response", (response) => {
      answered = response;
      clock.begin("transfer");
      readAnswer(response, options, finish, fail);
    });
    client.once("upgrade", (response) => {
      readAnswer(response, { ...options, bodyUse: () => "ignore" }, finish, fail);
    });
  });
}

/**
 * Opens the connection and tells the clock how far it is.
 * @param ready is called when the request can be sent: not before the server is known to be the right one
 */
function connect({ url, headers }: HttpRequest, options: ExchangeOptions, ready: () => void): Socket {
  const { family, gate, secureContext, verifyCertificate, clock } = options;
  const secure = url.protocol === "https:";
  const host = hostOf(url);
  const port = Number(url.port) || (secure ? 443 : 80);
  const lookup = gate !== undefined && { lookup: gate.lookup };
  const address = { host, port, ...(family !== undefined && { family }), ...lookup };
  clock.begin(isIP(host) === 0 ? "dns" : "connect");
  const socket = secure
    ? connectTls({
        ...address,
        ...serverName(headers, host),
        ...(secureContext !== undefined && { secureContext }),
        rejectUnauthorized: verifyCertificate,
        ALPNProtocols: ["http/1.1"],
      })
    : connectTcp({ ...address, noDelay: true });
  socket.once("lookup", (error: Error | null) => {
    if (error === null) clock.begin("connect");
  });
  if (secure) socket.once("connect", () => clock.begin("tls"));
  socket.once(secure ? "secureConnect" : "connect", () => {
    clock.begin("first byte");
    ready();
  });
  return socket;
}

/** An IPv6 address without its brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** The name that the server's certificate must have: that of the `Host` header, by which the server goes too. */
function serverName(headers: HttpRequest["headers"], host: string): { readonly servername?: string } {
  const header = Object.entries(headers).find(([name]) => name.toLowerCase() === "host")?.[1] ?? host;
  const name = URL.canParse(`https://${header}`) ? new URL(`https://${header}`).hostname : host;
  return isIP(name.replace(/^\[|\]$/g, "")) === 0 ? { servername: name } : {}; // RFC 6066, section 3: no addresses.
}

function requestHeaders({ headers }: HttpRequest, propagate: boolean): Record<string, string> {
  if (!propagate) return headers;
  const propagated: Record<string, string> = {};
  propagation.inject(context.active(), propagated);
  return { ...propagated, ...headers };
}

function readAnswer(
  response: IncomingMessage,
  { bodyUse, maxBodySize }: ExchangeOptions,
  finish: (answer: HttpAnswer) => void,
  fail: (error: Error) => void,
): void {
  const { statusCode: status = 0, headers } = response; // Node.js has it for every answer, if not in its types.
  const { socket } = response;
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  const answer = (truncated: boolean): void =>
    finish({ status, headers, body: Buffer.concat(chunks), truncated, certificate });

  response.on("error", fail);
  const use = bodyUse(status, headers);
  if (use === "ignore") {
    answer(true);
    return;
  }
  response.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBodySize) answer(true);
    else if (use === "keep") chunks.push(chunk);
  });
  response.once("end", () => answer(false));
}
