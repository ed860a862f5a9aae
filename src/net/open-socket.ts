import type { X509Certificate } from "node:crypto";
import { ADDRCONFIG, type LookupAddress } from "node:dns";
import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from "node:net";
import { type ConnectionOptions, checkServerIdentity, connect as connectTls, TLSSocket } from "node:tls";
import type { ConnectionGate } from "../health/probe-terms.ts";
import { expectedShortage, leaveReserve } from "../host/file-reserve.ts";
import { nameLookups } from "./name-lookups.ts";
import type { PhaseClock } from "./phase-clock.ts";
import { tlsFacts } from "./spans/span-facts.ts";
import { unixSocketError } from "./unix-socket-error.ts";

/** Where a server listens: at a port of a host, or at the path of a Unix socket. */
export type SocketAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** How a socket is opened. */
export interface SocketOptions {
  readonly address: SocketAddress;
  /** Which of a name's addresses may be used; both kinds when undefined. */
  readonly family?: 4 | 6 | undefined;
  /** Decides where a probe may connect to; undefined for what a configuration names. */
  readonly gate?: ConnectionGate | undefined;
  /**
   * How TLS is spoken from the first byte on; undefined when it is not. The certificate must be for `servername`, which is to
   * be what {@link serverNameOf} gives, or else for the host.
   */
  readonly tls?: ConnectionOptions | undefined;
  /** Is told which phase the opening is in: `dns`, `connect`, `tls`. */
  readonly clock?: PhaseClock | undefined;
  /** Memory to read into, for a caller that reads a great deal; else the socket has events `data`. */
  readonly onread?: OnReadOpts | undefined;
}

/** Is told what becomes of a {@link SocketOpening}, until that is closed. */
export interface OpeningListener {
  /** The socket is connected, and with TLS, the server is known to be the right one. */
  opened(socket: Socket): void;
  /** It could not be opened, or broke afterwards. Nothing is left open. */
  failed(error: Error): void;
}

/** How long an attempt is alone before the next begins beside it, in milliseconds (RFC 8305, section 8). */
const attemptDelay = 250;

const none: readonly never[] = [];

/**
 * Opens a socket. The addresses of a name are tried beside each other: one that is slow delays the next, and is not given up
 * for it. The first to be connected wins, and the others are destroyed (RFC 8305, section 5).
 *
 * Once it is closed, this object leads to nothing, and it keeps the other rules of clients/http/wire/exchange.ts: a run must
 * leave nothing to a collection of the whole heap.
 */
export class SocketOpening {
  #options: SocketOptions | undefined;
  #listener: OpeningListener | undefined;
  #addresses: readonly SocketAddress[] = none;
  /** One for each attempt that has begun, in the order of the addresses; the one that is connected alone, as soon as one is. */
  #sockets: readonly Socket[] = none;
  /** What attempts have failed with, each at the place of its address. */
  #errors: readonly (Error | undefined)[] = none;
  #isConnected = false;
  #delay: NodeJS.Timeout | undefined;

  /**
   * @throws HealthCheckError when the gate does not admit the host; everything else the listener is told, and not before
   * this has returned
   */
  constructor(options: SocketOptions, listener: OpeningListener) {
    const { address, gate, clock } = options;
    gate?.enter("path" in address ? address.path : address.host);
    this.#options = options;
    this.#listener = listener;
    if ("path" in address || isIP(address.host) !== 0) {
      clock?.begin("connect");
      this.#addresses = [address];
      this.#attempt();
    } else {
      clock?.begin("dns");
      this.#lookUp(address.host, address.port, options);
    }
  }

  /** Destroys at once whatever was begun or opened. The listener hears no more of it. */
  close(): void {
    clearTimeout(this.#delay);
    for (const socket of this.#sockets) socket.destroy();
    this.#options = undefined;
    this.#listener = undefined;
    this.#addresses = none;
    this.#sockets = none;
    this.#errors = none;
  }

  #lookUp(host: string, port: number, { family, gate }: SocketOptions): void {
    // As net.connect asks: with no family given, for addresses of those kinds alone that this machine has itself.
    const hints = family === undefined && process.platform !== "win32" ? ADDRCONFIG : 0;
    const lookup = gate?.lookup ?? nameLookups.lookup;
    lookup(host, { family: family ?? 0, hints, all: true }, (error, found) => {
      if (error !== null) this.#failLater(error);
      else this.#found(Array.isArray(found) ? found : [{ address: found, family: isIP(found) }], port);
    });
  }

  #found(addresses: readonly LookupAddress[], port: number): void {
    if (addresses.length === 0) {
      this.#failLater(Object.assign(new Error("the name has no address"), { code: "EAI_NODATA" }));
      return;
    }
    const clock = this.#options?.clock;
    clock?.tell({ kind: "addresses", addresses: addresses.map(({ address }) => address) });
    clock?.begin("connect");
    this.#addresses = alternatingFamilies(addresses).map(({ address }) => ({ host: address, port }));
    this.#attempt();
  }

  /** Begins with the next address, if there is one. */
  #attempt(): void {
    const index = this.#sockets.length;
    const address = this.#addresses[index];
    if (this.#options === undefined || address === undefined) return;
    const shortage = expectedShortage();
    if (shortage !== undefined) {
      this.#failLater(shortage);
      return;
    }
    let socket: Socket;
    try {
      socket = connect(address, this.#options);
    } catch (error) {
      // The options are wrong, and would be for the other addresses.
      this.#failLater(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#sockets = [...this.#sockets, socket];
    if ("host" in address) this.#options.clock?.tell({ kind: "attempt", address: address.host, port: address.port });
    leaveReserve(socket);
    socket.on("connect", () => this.#connected(socket));
    socket.on("error", (error) => this.#attemptFailed(index, error)); // It stays: a closed socket may still complain.
    if (index + 1 < this.#addresses.length) this.#delay = setTimeout(() => this.#attempt(), attemptDelay);
  }

  #connected(winner: Socket): void {
    if (this.#options === undefined) return;
    clearTimeout(this.#delay);
    this.#isConnected = true;
    for (const socket of this.#sockets) if (socket !== winner) socket.destroy();
    this.#sockets = [winner];
    const { address: asked, clock } = this.#options;
    const { remoteAddress: address = "path" in asked ? asked.path : undefined, remotePort: port } = winner;
    clock?.tell({ kind: "connection", address, port });
    if (this.#options.tls === undefined) {
      this.#listener?.opened(winner);
      return;
    }
    clock?.begin("tls");
    // Before Node.js looks at the certificate, and destroys the socket if it is not valid.
    winner.prependListener("secure", () => this.#options?.clock?.describe(() => tlsFacts(winner)));
    winner.on("secureConnect", () => {
      const version = winner instanceof TLSSocket ? (winner.getProtocol() ?? undefined) : undefined;
      this.#options?.clock?.tell({ kind: "secure", version });
      this.#listener?.opened(winner);
    });
  }

  #attemptFailed(index: number, error: Error): void {
    if (this.#options === undefined) return;
    if (this.#isConnected) {
      this.#fail(error); // The other sockets are gone.
      return;
    }
    clearTimeout(this.#delay);
    this.#options.clock?.attemptFailed(index, error);
    this.#errors = this.#addresses.map((_, at) => (at === index ? error : this.#errors[at]));
    const errors = this.#errors.filter((one) => one !== undefined);
    if (errors.length === this.#addresses.length) this.#fail(asOne(errors));
    else this.#attempt();
  }

  /** The listener is not to be called before the constructor has returned. */
  #failLater(error: Error): void {
    process.nextTick(() => this.#fail(error));
  }

  #fail(error: Error): void {
    const listener = this.#listener;
    const ofPath = this.#options !== undefined && "path" in this.#options.address;
    this.close();
    listener?.failed((ofPath ? unixSocketError(error) : undefined) ?? error);
  }
}

/**
 * Opens a socket, as {@link SocketOpening} does.
 * @param signal destroys the socket, however far it has come; its user then gets the reason of the signal as its error
 * @throws what the first of the addresses failed with, or all of them as an `AggregateError` with the code of the first
 */
export function openSocket(options: SocketOptions, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const reason = (): Error => (signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    const abandon = (): void => {
      opening.close();
      reject(reason());
    };
    const opening = new SocketOpening(options, {
      opened: (socket) => {
        const destroy = (): void => void (uppers.get(socket) ?? socket).destroy(reason());
        signal.removeEventListener("abort", abandon);
        signal.addEventListener("abort", destroy);
        socket.once("close", () => signal.removeEventListener("abort", destroy));
        resolve(socket);
      },
      failed: (error) => {
        signal.removeEventListener("abort", abandon);
        reject(error);
      },
    });
    signal.addEventListener("abort", abandon);
  });
}

/**
 * What speaks TLS over a socket, and is to be destroyed in its place: Node.js 24 dies of a segmentation fault when the one
 * below is destroyed first, and then this one in its listener for the error.
 */
const uppers = new WeakMap<Socket, TLSSocket>();

/**
 * Speaks TLS from now on over a socket that is open and from which nothing is read any more. The signal that it was opened
 * with goes on to destroy it.
 * @param tls as for {@link SocketOptions.tls}; without `servername`, the certificate must be for `host`
 * @returns what is used and closed in its place, at once; it is secure with the event `secureConnect`
 */
export function startTls(socket: Socket, tls: ConnectionOptions): TLSSocket {
  const upper = connectTls({ ...tls, socket });
  uppers.set(socket, upper);
  return upper;
}

/** Closes a socket in order, so that the server sees no reset; but does not wait for a server that reads nothing. */
export function closeSocket(socket: Socket): void {
  if (socket.writableLength === 0) socket.destroySoon();
  else socket.destroy();
}

/** The certificate that a server has shown; undefined without TLS. */
export function certificateOf(socket: Socket): X509Certificate | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
}

/** The name by which a server is asked for in TLS: never an address, and without a final dot (RFC 6066, section 3). */
export function serverNameOf(host: string): string | undefined {
  return isIP(host) === 0 ? host.replace(/\.$/, "") : undefined;
}

function connect(address: SocketAddress, { address: asked, tls, onread }: SocketOptions): Socket {
  const memory = onread !== undefined && { onread };
  if (tls === undefined) return connectTcp({ ...address, noDelay: true, ...memory });
  const { servername = "" } = tls;
  // Node.js would compare the certificate with the address that is connected to.
  const name = servername === "" && "host" in asked && isIP(asked.host) === 0 ? asked.host : undefined;
  const identity = name !== undefined && tls.checkServerIdentity === undefined && identityOf(name);
  return connectTls({ ...tls, ...identity, ...address, ...memory });
}

function identityOf(name: string): Pick<ConnectionOptions, "checkServerIdentity"> {
  return { checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate) };
}

/** The order in which addresses are tried: as the system's rules say, but for one of each family in turn (RFC 8305, section 4). */
function alternatingFamilies(addresses: readonly LookupAddress[]): readonly LookupAddress[] {
  const preferred = addresses.filter(({ family }) => family === addresses[0]?.family);
  const others = addresses.filter(({ family }) => family !== addresses[0]?.family);
  if (others.length === 0) return addresses;
  const pairs = preferred.flatMap((address, index) => [address, ...others.slice(index, index + 1)]);
  return [...pairs, ...others.slice(preferred.length)];
}

/** Several errors are told as the first of them is, but for an address that could not even be tried. */
function asOne(errors: readonly Error[]): Error {
  const first = errors.find((error) => (error as NodeJS.ErrnoException).code !== "EADDRNOTAVAIL") ?? errors[0];
  if (first !== undefined && errors.length === 1) return first;
  const { code } = (first ?? {}) as NodeJS.ErrnoException;
  return Object.assign(new AggregateError(errors, "no address could be connected to"), { code });
}
