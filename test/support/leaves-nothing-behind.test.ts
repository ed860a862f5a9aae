import { Resolver } from "node:dns";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { leavesNothingBehind } from "./leaves-nothing-behind.ts";
import { startDatagramServer } from "./throw-away-datagram-server.ts";
import { startTcpServer } from "./throw-away-server.ts";

describe("leavesNothingBehind", () => {
  it("accepts what lets go a moment later", async () => {
    await using server = await startTcpServer((socket) => setTimeout(() => socket.end(), 50));
    await leavesNothingBehind(async () => void connect(server.port, "127.0.0.1"));
  });

  it("finds a timer and tells where it was started", async () => {
    let timer: NodeJS.Timeout | undefined;
    const leaky = leavesNothingBehind(async () => {
      timer = setTimeout(() => {}, 60_000);
    }, 100);
    await expect(leaky).rejects.toThrow(
      expect.objectContaining({ message: expect.stringContaining("leaves-nothing-behind.test.ts") }),
    );
    clearTimeout(timer);
  });

  it("finds a connection", async () => {
    await using server = await startTcpServer();
    let socket: Socket | undefined;
    const leaky = leavesNothingBehind(async () => {
      socket = connect(server.port, "127.0.0.1");
    }, 100);
    await expect(leaky).rejects.toThrow("open: ");
    socket?.destroy();
  });

  it.skipIf(process.platform !== "linux")("finds a resolver's socket, which Node.js does not count", async () => {
    await using server = await startDatagramServer();
    const resolver = new Resolver({ timeout: 60_000 });
    resolver.setServers([`127.0.0.1:${server.port}`]);
    const leaky = leavesNothingBehind(async () => resolver.resolve4("name.test", () => {}), 100);
    await expect(leaky).rejects.toThrow("open: socket descriptors");
    resolver.cancel();
  });
});
