import { createSecureServer } from "node:http2";
import type { Server } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import { expect, it } from "vitest";
import { Http } from "../../src/checks/http.ts";
import { certificates } from "../support/certificates.ts";
import { runCheck } from "../support/run-check.ts";
import { listenOnFreePort, startTcpServer } from "../support/throw-away-server.ts";

const { ca, server, weak } = certificates;
const unsafe = "DEFAULT@SECLEVEL=0";

async function failureAt(port: number, trusted = ca) {
  const check = new Http({ url: `https://localhost:${port}/`, ca: trusted, family: 4, timeout: "2s" });
  return (await runCheck(check)).failure;
}

async function failureBy(listening: Server, trusted = ca) {
  const port = await listenOnFreePort(listening.on("tlsClientError", () => {}));
  try {
    return await failureAt(port, trusted);
  } finally {
    listening.close();
  }
}

it.each<[string, TlsOptions, string, string]>([
  [
    "only old versions",
    { ...server, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: unsafe },
    "tls",
    "the server speaks no TLS 1.2 or newer: update it",
  ],
  [
    "no cipher that is safe",
    { ...server, ciphers: "NULL-SHA256@SECLEVEL=0", maxVersion: "TLSv1.2" },
    "tls",
    "the server refused the TLS handshake: it asks for a client certificate, or has no cipher that is safe",
  ],
  [
    "a key that is too short",
    { ...weak, ciphers: unsafe },
    "certificate",
    "certificate has a key or signature that is too weak: renew it with a longer key",
  ],
])("says that a server has %s", async (_, options, reason, message) => {
  expect(await failureBy(createServer(options))).toMatchObject({ reason, message });
});

it("says that a server speaks HTTP/2 only", async () => {
  const message = "the server does not speak HTTP/1.1 on this port, perhaps only HTTP/2: let it offer both";
  expect(await failureBy(createSecureServer(server))).toMatchObject({ reason: "tls", message });
});

it("says that a server does not speak TLS", async () => {
  await using listening = await startTcpServer((socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const message = "the server does not speak TLS on this port: ask without TLS, or at another port";
  expect(await failureAt(listening.port)).toMatchObject({ reason: "tls", message });
});
