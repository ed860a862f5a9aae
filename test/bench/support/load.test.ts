import { createServer, type RequestListener } from "node:http";
import { describe, expect, it } from "vitest";
import { askOnce, putUnderLoad } from "../../../bench/support/load.ts";
import { listenOnFreePort } from "../../support/throw-away-server.ts";

const load = { connections: 3, milliseconds: 100 };

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  return {
    port: await listenOnFreePort(server),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe("putUnderLoad", () => {
  it("counts each answer by its own status, and all of their bytes", async () => {
    let requests = 0;
    let sent = 0;
    await using server = await serve((_request, response) => {
      requests += 1;
      response.statusCode = requests % 2 === 0 ? 503 : 200;
      const body = Buffer.alloc((requests % 4) * 100_000); // In one packet, and in several.
      sent += body.length;
      response.end(body);
    });
    const { answers, byStatus, bytes, medianMilliseconds } = await putUnderLoad(server.port, "/", load);
    expect(answers).toBe(requests);
    expect(byStatus).toEqual({ 200: Math.ceil(requests / 2), 503: Math.floor(requests / 2) });
    expect(bytes).toBeGreaterThan(sent);
    expect(bytes).toBeLessThan(sent + 500 * requests);
    expect(medianMilliseconds).toBeGreaterThan(0);
  });

  it("counts connections that break, and goes on over others", async () => {
    let requests = 0;
    await using server = await serve((request, response) => {
      requests += 1;
      if (requests === 2) request.destroy();
      else response.end("ok");
    });
    const { byStatus } = await putUnderLoad(server.port, "/", load);
    expect(byStatus).toEqual({ 200: requests - 1, error: 1 });
  });

  it("refuses to measure answers without a length", async () => {
    await using server = await serve((_request, response) => {
      response.write("a chunk");
      response.end();
    });
    await expect(putUnderLoad(server.port, "/", load)).rejects.toThrow(
      "the answer has no Content-Length: HTTP/1.1 200",
    );
  });
});

describe("askOnce", () => {
  it("returns head, body and the number of bytes", async () => {
    await using server = await serve((_request, response) => response.end("é"));
    const { head, body, bytes } = await askOnce(server.port, "/");
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(body).toBe("é");
    expect(bytes).toBe(head.length + 4 + 2);
  });
});
