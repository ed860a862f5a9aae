import { createConnection } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { expectedShortage, leaveReserve, reserveOf } from "../../src/host/file-reserve.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

vi.mock("../../src/host/file-limit.ts", () => ({ fileLimit: () => 8 })); // This process has more open than that.

describe("the files that are kept for the server", () => {
  it("are an eighth of all, and no more than 64", () => {
    expect([100, 1024, 1_000_000].map(reserveOf)).toEqual([12, 64, 64]);
  });

  it("are given back, with those of the sockets that wait, and until then no other is opened", async () => {
    await using server = await startTcpServer();
    const sockets = [1, 2, 3].map(() => createConnection(server.port, "127.0.0.1"));
    const errors = sockets.map((socket) => new Promise((resolve) => socket.once("error", resolve)));
    const abandoned = createConnection(server.port, "127.0.0.1");
    for (const socket of [...sockets, abandoned]) leaveReserve(socket);
    abandoned.destroy();
    for (const error of errors) expect(await error).toMatchObject({ code: "EMFILE", syscall: "socket" });
    expect(expectedShortage()).toMatchObject({ code: "EMFILE" });
    await vi.waitFor(() => expect(expectedShortage()).toBeUndefined());
    expect([...sockets, abandoned].every(({ destroyed }) => destroyed)).toBe(true);
  });
});
