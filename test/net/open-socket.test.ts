import { ADDRCONFIG, type LookupAddress, type LookupOptions } from "node:dns";
import { getEventListeners, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, isIP, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { NotKnownYet, ServiceReturnedUnexpectedResult } from "../../src/health/errors.ts";
import type { ConnectionGate } from "../../src/health/probe-terms.ts";
import { systemError } from "../../src/health/system-error.ts";
import { nameLookups } from "../../src/net/name-lookups.ts";
import { certificateOf, closeSocket, openSocket, type SocketOptions, serverNameOf } from "../../src/net/open-socket.ts";
import { PhaseClock } from "../../src/net/phase-clock.ts";
import { certificates } from "../support/certificates.ts";
import { leavesNothingBehind } from "../support/leaves-nothing-behind.ts";
import { startStalledServer } from "../support/stalled-server.ts";
import { closedPort, startTcpServer } from "../support/throw-away-server.ts";
import { startTlsServer } from "../support/throw-away-tls-server.ts";

const { ca, otherHost, server: localhost } = certificates;
const never = (): AbortSignal => new AbortController().signal;

/** Admits everything, and knows these addresses of every name. */
function gateTo(...addresses: readonly string[]) {
  const found: LookupAddress[] = addresses.map((address) => ({ address, family: isIP(address) }));
  const asked: { hostname: string; options: LookupOptions }[] = [];
  const entered: string[] = [];
  const gate: ConnectionGate = {
    enter: (host) => void entered.push(host),
    lookup: (hostname, options, callback) => {
      asked.push({ hostname, options });
      callback(null, found);
    },
  };
  return { gate, asked, entered };
}

/** Opens a socket to a name that has these addresses. */
function openTo(port: number, addresses: readonly string[], signal = never()): Promise<Socket> {
  return openSocket({ address: { host: "shop.example", port }, gate: gateTo(...addresses).gate }, signal);
}

/** How many connections of this process are being made. */
function attempts(): number {
  return process.getActiveResourcesInfo().filter((type) => type === "ConnectWrap").length;
}

async function listen(port: number, onConnection: (socket: Socket) => void = () => {}): Promise<AsyncDisposable> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => {}).resume(); // The other side may go as it likes.
    onConnection(socket);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}

describe("openSocket", () => {
  it("opens a socket that is closed in order", async () => {
    const endings: string[] = [];
    await using server = await startTcpServer((socket) => {
      socket.on("error", () => endings.push("error")).on("end", () => endings.push("end"));
    });
    await leavesNothingBehind(async () => {
      const socket = await openSocket({ address: { host: "127.0.0.1", port: server.port } }, never());
      expect(socket.remotePort).toBe(server.port);
      socket.write("a few last words");
      await vi.waitFor(() => expect(socket.writableLength).toBe(0));
      closeSocket(socket);
      await vi.waitFor(() => expect(endings).toEqual(["end"]));
    });
  });

  it("does not wait for a server that reads nothing when it closes", async () => {
    await using server = await startTcpServer((socket) => void socket.on("resume", () => socket.pause()));
    const socket = await openSocket({ address: { host: "127.0.0.1", port: server.port } }, never());
    socket.write(Buffer.alloc(32 * 1024 ** 2));
    expect(socket.writableLength).toBeGreaterThan(0);
    closeSocket(socket);
    expect(socket.destroyed).toBe(true);
  });

  it("is not begun when it is too late", async () => {
    await using server = await startTcpServer();
    const tooLate = new Error("too late");
    const { gate, entered } = gateTo("127.0.0.1");
    const opening = openSocket({ address: { host: "a.example", port: server.port }, gate }, AbortSignal.abort(tooLate));
    await expect(opening).rejects.toBe(tooLate);
    expect(entered).toEqual([]);
  });

  describe("by a name with several addresses", () => {
    it("does not give up one that is slow while others are refused", async () => {
      await using stalled = await startStalledServer();
      await leavesNothingBehind(async () => {
        const startedAt = performance.now();
        const opening = openTo(stalled.port, [stalled.host, stalled.host, "127.0.0.3"]);
        await vi.waitFor(() => expect(attempts()).toBe(2));
        stalled.accept();
        const socket = await opening;
        expect(socket.remoteAddress).toBe(stalled.host);
        expect(performance.now() - startedAt).toBeGreaterThan(500);
        socket.destroy();
      });
    });

    it("takes the next when the first is slow, and lets go of that", async () => {
      await using stalled = await startStalledServer();
      await using _ = await listen(stalled.port);
      await leavesNothingBehind(async () => {
        const startedAt = performance.now();
        const socket = await openTo(stalled.port, [stalled.host, "127.0.0.1"]);
        const milliseconds = performance.now() - startedAt;
        expect(socket.remoteAddress).toBe("127.0.0.1");
        expect(milliseconds).toBeGreaterThan(200);
        expect(milliseconds).toBeLessThan(900); // The first would have asked again after a second.
        socket.destroy();
      });
    });

    it("does not wait for the next when one is refused", async () => {
      await using server = await startTcpServer();
      await leavesNothingBehind(async () => {
        const startedAt = performance.now();
        const socket = await openTo(server.port, ["127.0.0.3", "127.0.0.4", "127.0.0.1"]);
        expect(performance.now() - startedAt).toBeLessThan(200);
        expect(socket.remoteAddress).toBe("127.0.0.1");
        socket.destroy();
      });
    });

    it("tries those of both families in turn, and fails as the first did when all do", async () => {
      const port = await closedPort();
      await leavesNothingBehind(async () => {
        const addresses = ["127.0.0.3", "127.0.0.4", "127.0.0.5", "::ffff:127.0.0.3", "::ffff:127.0.0.4"];
        const error = await openTo(port, addresses).catch((reason: unknown) => reason);
        if (!(error instanceof AggregateError)) throw new Error("it was opened, or failed otherwise");
        expect(error.errors.map(({ address }) => address)).toEqual([
          "127.0.0.3",
          "::ffff:127.0.0.3",
          "127.0.0.4",
          "::ffff:127.0.0.4",
          "127.0.0.5",
        ]);
        expect(error).toMatchObject({ code: "ECONNREFUSED" });
        expect(systemError(error)).toMatchObject({ reason: "connection_refused", message: "connection refused" });
      });
    });

    it("fails with the error itself when there is one address", async () => {
      const error: unknown = await openTo(await closedPort(), ["127.0.0.1"]).catch((reason: unknown) => reason);
      expect(error).not.toBeInstanceOf(AggregateError);
      expect(error).toMatchObject({ code: "ECONNREFUSED", syscall: "connect" });
    });

    it("begins nothing more once one is connected", async () => {
      await using server = await startTcpServer();
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      try {
        for (const addresses of [
          ["127.0.0.1", "127.0.0.1"],
          ["127.0.0.3", "127.0.0.1", "127.0.0.1"],
        ]) {
          const socket = await openTo(server.port, addresses);
          expect(vi.getTimerCount()).toBe(0);
          socket.destroy();
        }
      } finally {
        vi.useRealTimers();
      }
    });

    it("lets go of all of them when it is aborted", async () => {
      await using stalled = await startStalledServer();
      await leavesNothingBehind(async () => {
        const controller = new AbortController();
        const reason = new Error("no longer wanted");
        const { entered, gate } = gateTo(stalled.host, stalled.host, stalled.host);
        const opening = openSocket(
          { address: { host: "shop.example", port: stalled.port }, gate },
          controller.signal,
        ).catch((error: unknown) => error);
        expect(entered).toEqual(["shop.example"]);
        await vi.waitFor(() => expect(attempts()).toBe(3));
        controller.abort(reason);
        expect(await opening).toBe(reason);
      });
    });
  });

  describe("through a gate", () => {
    it("shows each host before anything else, and goes where the gate says", async () => {
      await using server = await startTcpServer();
      const { gate, asked, entered } = gateTo("127.0.0.1");
      for (const host of ["shop.example", "127.0.0.1"]) {
        const address = { host, port: server.port };
        (await openSocket({ address, gate, family: 4 }, never())).destroy();
        (await openSocket({ address, gate }, never())).destroy();
      }
      expect(entered).toEqual(["shop.example", "shop.example", "127.0.0.1", "127.0.0.1"]);
      expect(asked).toEqual([
        { hostname: "shop.example", options: { family: 4, hints: 0, all: true } },
        { hostname: "shop.example", options: { family: 0, hints: ADDRCONFIG, all: true } },
      ]);
    });

    it("takes a single address for an answer, and none for an error", async () => {
      await using server = await startTcpServer();
      const address = { host: "shop.example", port: server.port };
      const single: ConnectionGate = { enter: () => {}, lookup: (_, __, found) => found(null, "127.0.0.1", 4) };
      (await openSocket({ address, gate: single }, never())).destroy();
      const opening = openSocket({ address, gate: gateTo().gate }, never());
      await expect(opening).rejects.toSatisfy((error) => systemError(error)?.reason === "dns");
    });

    it("does not go where it may not, nor to the path of a Unix socket", async () => {
      const refusal = new ServiceReturnedUnexpectedResult("not there");
      const lookup = vi.fn<ConnectionGate["lookup"]>();
      const gate: ConnectionGate = {
        lookup,
        enter: () => {
          throw refusal;
        },
      };
      for (const address of [{ host: "shop.example", port: 1 }, { path: "/run/docker.sock" }]) {
        await expect(openSocket({ address, gate }, never())).rejects.toBe(refusal);
      }
      expect(lookup).not.toHaveBeenCalled();
    });
  });

  it("ignores the addresses of a name that are found too late", async () => {
    await using server = await startTcpServer();
    let answer = (): void => {};
    const gate: ConnectionGate = {
      enter: () => {},
      lookup: (_, __, found) => {
        answer = () => found(null, [{ address: "127.0.0.1", family: 4 }]);
      },
    };
    const controller = new AbortController();
    await leavesNothingBehind(async () => {
      const opening = openSocket({ address: { host: "a.example", port: server.port }, gate }, controller.signal);
      controller.abort(new Error("too slow"));
      await expect(opening).rejects.toThrow("too slow");
      answer();
    });
    expect(server.accepted()).toBe(0);
  });

  it("destroys a socket that is open when the signal fires", async () => {
    await using server = await startTcpServer();
    await leavesNothingBehind(async () => {
      const controller = new AbortController();
      const socket = await openSocket({ address: { host: "127.0.0.1", port: server.port } }, controller.signal);
      const failure = once(socket, "error");
      const reason = new Error("no longer wanted");
      controller.abort(reason);
      expect(await failure).toEqual([reason]);
      await vi.waitFor(() => expect(server.sockets.size).toBe(0));
    });
  });

  it("leaves nothing at its signal when the socket is closed, or was never opened", async () => {
    await using server = await startTcpServer();
    const { signal } = new AbortController();
    const socket = await openSocket({ address: { host: "127.0.0.1", port: server.port } }, signal);
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    socket.destroy();
    await once(socket, "close");
    const refused = openSocket({ address: { host: "127.0.0.1", port: await closedPort() } }, signal);
    await expect(refused).rejects.toThrow("ECONNREFUSED");
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("finds the addresses of a name by the system's resolver", async () => {
    await using server = await startTcpServer();
    const address = { host: "localhost", port: server.port };
    (await openSocket({ address, family: 4 }, never())).destroy();
    (await openSocket({ address }, never())).destroy();
    const unknown = openSocket({ address: { host: "no-such-host.invalid", port: 1 } }, never());
    await expect(unknown).rejects.toSatisfy((error) => systemError(error)?.reason === "dns");
  });

  it("looks names up together with all other checks", async () => {
    const waited = new NotKnownYet("its name could not be looked up");
    const lookup = vi.spyOn(nameLookups, "lookup").mockImplementation((_, __, found) => found(waited, []));
    try {
      await expect(openSocket({ address: { host: "a.example", port: 1 } }, never())).rejects.toBe(waited);
      expect(lookup).toHaveBeenCalledExactlyOnceWith("a.example", expect.anything(), expect.anything());
    } finally {
      lookup.mockRestore();
    }
  });

  it("opens a Unix socket, and says when there is none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "healthspan-socket-"));
    const path = join(folder, "socket");
    const missing = openSocket({ address: { path } }, never());
    await expect(missing).rejects.toMatchObject({ reason: "connection_refused", message: "no such socket" });
    const server = createServer((socket) => void socket.end("hello"));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    try {
      const socket = await openSocket({ address: { path } }, never());
      expect(String((await once(socket, "data"))[0])).toBe("hello");
      socket.destroy();
    } finally {
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    }
  });

  it("tells the phases it goes through", async () => {
    await using server = await startTlsServer(localhost);
    const phases = async (options: Omit<SocketOptions, "clock">): Promise<readonly string[]> => {
      const clock = new PhaseClock();
      const begin = vi.spyOn(clock, "begin");
      (await openSocket({ ...options, clock }, never())).destroy();
      return begin.mock.calls.map(([phase]) => phase);
    };
    const { port } = server;
    const { gate } = gateTo("127.0.0.1");
    expect(await phases({ address: { host: "shop.example", port }, gate })).toEqual(["dns", "connect"]);
    expect(await phases({ address: { host: "127.0.0.1", port } })).toEqual(["connect"]);
    const tls = { ca, servername: "localhost" };
    expect(await phases({ address: { host: "shop.example", port }, gate, tls })).toEqual(["dns", "connect", "tls"]);
  });
});

describe("openSocket with TLS", () => {
  const open = (port: number, options: Partial<SocketOptions>): Promise<Socket> =>
    openSocket({ address: { host: "127.0.0.1", port }, tls: { ca }, ...options }, never());

  it("is open when the server is known to be the right one", async () => {
    await using server = await startTlsServer(localhost);
    const { gate } = gateTo("127.0.0.1");
    const address = { host: "localhost", port: server.port };
    const socket = await open(server.port, { address, gate, tls: { ca, servername: "localhost" } });
    expect(certificateOf(socket)?.checkHost("localhost")).toBe("localhost");
    closeSocket(socket);
    await vi.waitFor(() => expect(server.serverNames).toEqual(["localhost"]));
    closeSocket(await open(server.port, {}));
    await vi.waitFor(() => expect(server.serverNames).toEqual(["localhost", false]));
  });

  it("compares the certificate with the name, even when the server is asked for none", async () => {
    await using server = await startTlsServer(otherHost);
    const { gate } = gateTo("127.0.0.1");
    const address = (host: string) => ({ host, port: server.port });
    (await open(server.port, { address: address("other.example"), gate })).destroy();
    await expect(open(server.port, { address: address("shop.example"), gate })).rejects.toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
    await expect(open(server.port, {})).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });

  it("lets go when the handshake fails, ends or is aborted", async () => {
    await using silent = await startTcpServer();
    await using ending = await startTcpServer((socket) => void socket.end());
    await using foreign = await startTcpServer((socket) => void socket.write("220 mail.example\r\n"));
    await leavesNothingBehind(async () => {
      await expect(open(ending.port, {})).rejects.toMatchObject({ code: "ECONNRESET" });
      await expect(open(foreign.port, {})).rejects.toSatisfy((error) => systemError(error)?.reason === "tls");
      const controller = new AbortController();
      const options = { address: { host: "127.0.0.1", port: silent.port }, tls: { ca } };
      const opening = openSocket(options, controller.signal);
      const failed = expect(opening).rejects.toThrow("too slow");
      await vi.waitFor(() => expect(silent.sockets.size).toBe(1));
      controller.abort(new Error("too slow"));
      await failed;
      await vi.waitFor(() => expect(silent.sockets.size).toBe(0));
    });
  });

  it("fails by itself when the options are wrong, wherever the address comes from", async () => {
    await using server = await startTcpServer();
    const tls = { cert: "none", key: "none" };
    const address = { host: "shop.example", port: server.port };
    await expect(open(server.port, { tls })).rejects.toThrow();
    await expect(open(server.port, { tls, address, gate: gateTo("127.0.0.1").gate })).rejects.toThrow();
  });
});

describe("serverNameOf", () => {
  it.each([
    ["shop.example", "shop.example"],
    ["shop.example.", "shop.example"],
    ["192.0.2.1", undefined],
    ["::1", undefined],
  ])("of %s is %s", (host, name) => {
    expect(serverNameOf(host)).toBe(name);
  });
});
