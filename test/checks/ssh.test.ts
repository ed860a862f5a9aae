import type { Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { Ssh } from "../../src/checks/ssh.ts";
import type { ConnectionGate } from "../../src/health/probe-terms.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { runCheck } from "../support/run-check.ts";
import { occupy, sshProgram, startSsh } from "../support/ssh-server.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

type Options = Partial<ConstructorParameters<typeof Ssh>[0]>;

/** Runs the check against a server that greets with these lines. */
async function probe(options: Options, ...lines: readonly string[]) {
  await using server = await startTcpServer(
    (socket: Socket) => void socket.write(lines.map((line) => `${line}\r\n`).join("")),
  );
  return await runCheck(new Ssh({ host: "127.0.0.1", port: server.port, timeout: "400ms", ...options }));
}

describe("Ssh", () => {
  describeCheck(Ssh, {
    options: { host: "127.0.0.1", port: 9, timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port }),
  });

  itWithService([sshProgram], "is healthy when the server identifies itself and offers a key exchange", async () => {
    await using server = await startSsh();
    const { spans } = await recordTelemetry(async () => {
      const check = new Ssh({ host: "127.0.0.1", port: server.port, answerMatches: "^SSH-2\\.0-OpenSSH_\\d+\\.\\d" });
      for (let run = 0; run < 3; run += 1) expect(await runCheck(check)).toMatchObject({ state: "healthy" });
    });
    expect(spans.slice(0, 4).map(({ name }) => name)).toEqual(["connect", "first byte", "transfer", "check Ssh"]);
    expect(spans[3]?.attributes).toMatchObject({
      "network.peer.address": "127.0.0.1",
      "network.peer.port": server.port,
      "network.protocol.name": "ssh",
      "network.protocol.version": "2.0",
    });
    // It knows who we are, and finds nothing wrong with us.
    await vi.waitFor(() => expect(server.log()).toMatch(/Connection closed by 127\.0\.0\.1/));
    expect(server.log()).not.toMatch(/error|bad|invalid|reset/i);
  });

  itWithService([sshProgram], "is unhealthy when another identification is expected", async () => {
    await using server = await startSsh();
    const { failure } = await runCheck(new Ssh({ host: "127.0.0.1", port: server.port, answerMatches: "dropbear" }));
    expect(failure).toMatchObject({
      kind: "Unexpected Result",
      reason: "assertion",
      message: "the server's identification does not match /dropbear/u",
    });
  });

  itWithService([sshProgram], "says that the server takes no more connections", async () => {
    await using server = await startSsh("MaxStartups 1:100:1");
    await using _ = await occupy(server.port);
    const { state, failure } = await runCheck(new Ssh({ host: "127.0.0.1", port: server.port }));
    expect(state).toBe("unhealthy");
    expect(failure).toMatchObject({ reason: "unavailable", message: "the server has no connection left" });
  });

  it("says that the server punishes this address", async () => {
    expect((await probe({}, "Not allowed at this time")).failure).toMatchObject({
      reason: "unavailable",
      message: "the server accepts no connections from this address at this time",
    });
  });

  it.each([
    ["another protocol", ["220 mail.shop.example ESMTP"], "the server does not speak the protocol of SSH"],
    ["an old version of SSH", ["SSH-1.5-OpenSSH_2.9"], "the server does not speak version 2 of SSH"],
  ])("tells %s", async (_, lines, message) => {
    expect((await probe({}, ...lines)).failure).toMatchObject({ reason: "unexpected_result", message });
  });

  it("warns when it takes too long", async () => {
    const late = (socket: Socket): void => {
      const packet = Buffer.concat([Buffer.from([0, 0, 0, 12, 10, 20]), Buffer.alloc(10)]);
      setTimeout(() => socket.write(Buffer.concat([Buffer.from("SSH-2.0-late\r\n"), packet])), 50);
    };
    await using server = await startTcpServer(late);
    const check = new Ssh({ host: "127.0.0.1", port: server.port, maxResponseTime: "20ms" });
    const { state, failure } = await runCheck(check);
    expect({ state, reason: failure?.reason }).toEqual({ state: "degraded", reason: "threshold" });
  });

  it("can be run with another target, through the gate", async () => {
    await using server = await startTcpServer((socket) => void socket.write("Not allowed at this time\r\n"));
    const entered: string[] = [];
    const gate: ConnectionGate = {
      enter: (host) => void entered.push(host),
      lookup: (_, __, found) => found(null, [{ address: "127.0.0.1", family: 4 }]),
    };
    const terms = { gate, withCredentials: false, timeout: 1000 };
    const own = new Ssh({ host: "git.shop.example", port: 2222, family: 4 });
    const other = own.retarget(`other.example:${server.port}`, terms);
    expect(other).toMatchObject({ labels: { host: "other.example", port: String(server.port) }, family: 4 });
    expect((await runCheck(other)).failure?.reason).toBe("unavailable");
    expect(entered).toEqual(["other.example", "other.example"]);
    expect(own.retarget("127.0.0.1", terms).target).toEqual({ address: "127.0.0.1", port: 2222 });
    expect(() => own.retarget("ssh://127.0.0.1", terms)).toThrow("such as git.shop.example:22");
  });

  it("connects over the wanted kind of address alone", async () => {
    await using server = await startTcpServer((socket) => void socket.write("Not allowed at this time\r\n"));
    const of = (family: 4 | 6) => runCheck(new Ssh({ host: "localhost", port: server.port, family }));
    expect((await of(4)).failure?.reason).toBe("unavailable");
    expect((await of(6)).failure?.reason).toMatch(/^(?:connection_refused|dns)$/); // The server listens at 127.0.0.1.
  });

  it("asks at port 22 unless it is given another", () => {
    expect(new Ssh({ host: "git.shop.example" }).target).toEqual({ address: "git.shop.example", port: 22 });
  });
});
