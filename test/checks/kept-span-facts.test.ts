import type { Socket } from "node:net";
import { join } from "node:path";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Memcached } from "../../src/checks/memcached.ts";
import { Postgres } from "../../src/checks/postgres.ts";
import { Redis } from "../../src/checks/redis.ts";
import type { HealthCheck } from "../../src/health/health-check.ts";
import { certificates } from "../support/certificates.ts";
import { itWithService } from "../support/it-with-service.ts";
import {
  askPostgres,
  checkerPassword,
  type PostgresServer,
  postgresProgram,
  startPostgres,
} from "../support/postgres-server.ts";
import { redisProgram, startRedis } from "../support/redis-server.ts";
import { runCheck } from "../support/run-check.ts";
import { stablePort } from "../support/stable-port.ts";
import { type RecordedSpan, recordTelemetry } from "../support/telemetry.ts";
import { closedPort, startTcpServer } from "../support/throw-away-server.ts";
import { startTlsServer } from "../support/throw-away-tls-server.ts";

const { ca } = certificates;
const certificateFolder = join(import.meta.dirname, "../support/certificates");

/** The spans of each of two runs, of which the second uses the connection of the first. */
async function spansOfTwo(check: HealthCheck): Promise<readonly (readonly RecordedSpan[])[]> {
  const both: (readonly RecordedSpan[])[] = [];
  for (let run = 0; run < 2; run += 1) {
    both.push((await recordTelemetry(async () => void (await runCheck(check, { keepOpen: true })))).spans);
  }
  await check.close?.();
  return both;
}

const peerOf = (port: number) => ({ "network.peer.address": "127.0.0.1", "network.peer.port": port });
const certificateFacts = {
  "tls.server.not_after": expect.stringMatching(/^2125-\d\d-\d\dT/),
  "tls.server.subject": "CN=localhost",
  "tls.server.issuer": expect.stringMatching(/^CN=/),
  "tls.server.hash.sha256": expect.stringMatching(/^[0-9A-F]{64}$/),
};
const tlsFacts = {
  ...certificateFacts,
  "tls.protocol.name": "tls",
  "tls.protocol.version": "1.3",
  "tls.cipher": expect.stringMatching(/^TLS_/),
};

describe("the span of a run that asks Redis", () => {
  itWithService([redisProgram], "says who answered, over a kept connection too", async () => {
    await using server = await startRedis();
    for (const spans of await spansOfTwo(new Redis({ host: "127.0.0.1", port: server.port }))) {
      expect(spans.at(-1)).toMatchObject({
        kind: SpanKind.CLIENT,
        attributes: { ...peerOf(server.port), "db.operation.name": "PING", "db.namespace": "0" },
      });
      expect(spans.at(-1)?.attributes).not.toHaveProperty("db.response.status_code");
      for (const { name, attributes } of spans) if (name === "connect") expect(attributes).toEqual(peerOf(server.port));
    }
  });

  itWithService([redisProgram], "says the word of the error, and nothing of the password", async () => {
    await using server = await startRedis({ lines: ["requirepass right"], clientArguments: ["-a", "right"] });
    const [first = []] = await spansOfTwo(new Redis({ host: "127.0.0.1", port: server.port, password: "hunter22" }));
    expect(first.at(-1)?.attributes).toMatchObject({
      ...peerOf(server.port),
      "db.response.status_code": "WRONGPASS",
      "error.type": "authentication",
    });
    expect(JSON.stringify(first)).not.toContain("hunter22");
  });

  itWithService([redisProgram], "shows the certificate", async () => {
    const port = await stablePort();
    const files = ["cert-file server.pem", "key-file server-key.pem", "ca-cert-file ca.pem"];
    const lines = files.map((file) => `tls-${file.replace(" ", ` ${certificateFolder}/`)}`);
    await using _server = await startRedis({ lines: ["port 0", `tls-port ${port}`, "tls-auth-clients no", ...lines] });
    for (const spans of await spansOfTwo(new Redis({ url: `rediss://localhost:${port}`, ca }))) {
      expect(spans.at(-1)?.attributes).toMatchObject({ ...peerOf(port), ...certificateFacts });
    }
  });

  it("says by whom it was refused", async () => {
    const port = await closedPort();
    const [first = []] = await spansOfTwo(new Redis({ host: "127.0.0.1", port }));
    expect(first.map(({ name }) => name)).toEqual(["connect", "check Redis"]);
    for (const { attributes } of first) expect(attributes).toMatchObject(peerOf(port));
  });

  itWithService(
    [redisProgram],
    "is INTERNAL with sentinels, and each command is a CLIENT span of its own",
    async () => {
      await using primary = await startRedis();
      await using sentinel = await startRedis({
        sentinel: true,
        lines: [`sentinel monitor shop 127.0.0.1 ${primary.port} 1`],
      });
      const down = await closedPort();
      const sentinels = [`127.0.0.1:${down}`, `127.0.0.1:${sentinel.port}`];
      const [first = [], second = []] = await spansOfTwo(new Redis({ sentinels, masterName: "shop" }));
      const run = second.at(-1);
      expect(run).toMatchObject({ name: "check Redis", kind: SpanKind.INTERNAL });
      expect(run?.attributes).not.toHaveProperty("network.peer.address");
      expect(second.slice(0, -1).map(({ name, kind, parentSpanId }) => [name, kind, parentSpanId])).toEqual(
        [`SENTINEL 127.0.0.1:${sentinel.port}`, `PING 127.0.0.1:${primary.port}`, `ROLE 127.0.0.1:${primary.port}`].map(
          (name) => [name, SpanKind.CLIENT, run?.spanId],
        ),
      );
      expect(second[0]?.attributes).toEqual({
        ...peerOf(sentinel.port),
        "server.address": "127.0.0.1",
        "server.port": sentinel.port,
        "db.system.name": "redis",
        "db.operation.name": "SENTINEL",
      });
      expect(first.find(({ name }) => name === `PING 127.0.0.1:${down}`)).toMatchObject({
        status: { code: SpanStatusCode.ERROR },
        attributes: { "server.port": down, "error.type": "connection_refused" },
      });
    },
  );

  it("is INTERNAL with a cluster, and says which node failed and how", async () => {
    await using node = await startTcpServer((socket) => {
      socket.on("data", (bytes) => socket.write(bytes.includes("PING") ? "+PONG\r\n" : "-CLUSTERDOWN no\r\n"));
    });
    const [first = []] = await spansOfTwo(new Redis({ clusterNodes: [`127.0.0.1:${node.port}`] }));
    expect(first.at(-1)?.attributes).not.toHaveProperty("db.response.status_code");
    expect(first.find(({ name }) => name === `CLUSTER 127.0.0.1:${node.port}`)).toMatchObject({
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.ERROR, message: "the cluster is down" },
      attributes: { ...peerOf(node.port), "db.response.status_code": "CLUSTERDOWN", "error.type": "unavailable" },
    });
  });
});

it("a server that another was faster than has not failed", async () => {
  await using silent = await startTcpServer();
  await using node = await startTcpServer((socket) => void socket.on("data", () => socket.write("+PONG\r\n")));
  const clusterNodes = [silent, node].map(({ port }) => `127.0.0.1:${port}`);
  const [first = []] = await spansOfTwo(new Redis({ clusterNodes }));
  const asked = first.find(({ name }) => name === `PING 127.0.0.1:${silent.port}`);
  expect(asked).toMatchObject({ status: { code: SpanStatusCode.UNSET }, attributes: peerOf(silent.port) });
});

describe("the span of a run that asks PostgreSQL", () => {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    if (!postgresProgram.available) return;
    server = await startPostgres(certificateFolder);
    await server.kill();
    await server.start("ssl=on", "ssl_cert_file=server.pem", "ssl_key_file=server-key.pem");
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });
  const checkOf = (options: object) =>
    new Postgres({
      host: "localhost",
      port: server?.port,
      user: "checker",
      password: checkerPassword,
      database: "postgres",
      ...options,
    });

  itWithService([postgresProgram], "says who answered by which TLS, over a kept connection too", async () => {
    for (const spans of await spansOfTwo(checkOf({ sslmode: "verify-full", ca }))) {
      expect(spans.at(-1)?.attributes).toMatchObject({
        ...peerOf(server?.port ?? 0),
        ...tlsFacts,
        "db.namespace": "postgres",
        "db.operation.name": "SELECT",
      });
      expect(spans.at(-1)?.attributes).not.toHaveProperty("db.response.status_code");
    }
  });

  itWithService([postgresProgram], "says the SQLSTATE of a refused login, and nothing of the password", async () => {
    const [first = []] = await spansOfTwo(checkOf({ sslmode: "disable", password: "hunter22" }));
    expect(first.at(-1)?.attributes).toMatchObject({
      ...peerOf(server?.port ?? 0),
      "db.response.status_code": "28P01",
      "error.type": "authentication",
    });
    expect(JSON.stringify(first)).not.toContain("hunter22");
  });

  itWithService([postgresProgram], "shows a certificate that is not trusted", async () => {
    const [first = []] = await spansOfTwo(checkOf({ sslmode: "verify-full" }));
    expect(first.at(-1)?.attributes).toMatchObject({ ...tlsFacts, "error.type": "certificate" });
  });

  itWithService(
    [postgresProgram],
    "does not name the operation of a query of one's own, but the error of it",
    async () => {
      const [first = []] = await spansOfTwo(checkOf({ sslmode: "disable", query: "SELECT no_such_column" }));
      expect(first.at(-1)?.attributes).toMatchObject({ "db.response.status_code": "42703" });
      expect(first.at(-1)?.attributes).not.toHaveProperty("db.operation.name");
    },
  );

  itWithService([postgresProgram], "says nothing of an error that only the kept connection had", async () => {
    const check = checkOf({ sslmode: "disable" });
    await runCheck(check, { keepOpen: true });
    const itself = { host: server?.folder, port: server?.port, user: "checker", database: "postgres" };
    await askPostgres(itself, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_addr IS NOT NULL");
    const { spans } = await recordTelemetry(async () => void (await runCheck(check)));
    expect(spans.at(-1)?.attributes).toMatchObject({ "health.check.state": "healthy" });
    expect(spans.at(-1)?.attributes).not.toHaveProperty("db.response.status_code");
  });
});

describe("the span of a run that asks memcached", () => {
  it("says who answered, what was asked, and the word of an error", async () => {
    let answer = "VERSION 1.6.18\r\n";
    await using server = await startTcpServer((socket) => void socket.on("data", () => socket.write(answer)));
    const check = () => new Memcached({ host: "127.0.0.1", port: server.port });
    for (const spans of await spansOfTwo(check())) {
      expect(spans.at(-1)?.attributes).toMatchObject({ ...peerOf(server.port), "db.operation.name": "version" });
    }
    answer = "SERVER_ERROR out of memory\r\n";
    const [failed = []] = await spansOfTwo(check());
    expect(failed.at(-1)?.attributes).toMatchObject({ "db.response.status_code": "SERVER_ERROR" });
  });

  it("says by which TLS, over a kept connection too", async () => {
    const answer = (socket: Socket) => void socket.on("data", () => socket.write("VERSION 1.6.18\r\n"));
    await using server = await startTlsServer(certificates.server, answer);
    for (const spans of await spansOfTwo(new Memcached({ host: "127.0.0.1", port: server.port, tls: true, ca }))) {
      expect(spans.at(-1)?.attributes).toMatchObject({ ...peerOf(server.port), ...tlsFacts });
    }
  });
});
