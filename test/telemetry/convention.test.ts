import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { readRegistry } from "../../scripts/convention/registry.ts";
import { resolveConvention } from "../../scripts/convention/resolve.ts";
import { catalogue } from "../../src/checks/index.ts";
import { scope as ourScope } from "../../src/health/instrumentation/scope.ts";
import { certificates } from "../support/certificates.ts";
import { startCommand } from "../support/command.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { itWithService } from "../support/it-with-service.ts";
import { slapdProgram, startLdap } from "../support/ldap-server.ts";
import { startLineServer } from "../support/line-server.ts";
import { liveCheck } from "../support/live-check.ts";
import { mariadbProgram, startMariadb } from "../support/mariadb-server.ts";
import { startMongodb } from "../support/mongodb-server.ts";
import { mosquittoProgram, startMosquitto } from "../support/mosquitto-server.ts";
import {
  type OtlpReceiver,
  type ReceivedLog,
  type ReceivedPoint,
  type ReceivedSpan,
  startOtlpReceiver,
} from "../support/otlp-receiver.ts";
import { postgresUrl, runningPostgres } from "../support/postgres-server.ts";
import { redisProgram, redisUrl, runningRedis, startRedis } from "../support/redis-server.ts";
import { newFleetName } from "../support/replica.ts";
import { startS3 } from "../support/s3-server.ts";
import { startServe } from "../support/serve-command.ts";
import { sshProgram, startSsh } from "../support/ssh-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { closedDatagramPort } from "../support/throw-away-datagram-server.ts";
import { startDnsServer } from "../support/throw-away-dns-server.ts";
import { startKafkaBroker } from "../support/throw-away-kafka-broker.ts";
import { closedPort, startTcpServer } from "../support/throw-away-server.ts";

const convention = resolveConvention(await readRegistry());
const library = join(import.meta.dirname, "../../src/index.ts");
const services = { redis: await runningRedis(), postgres: await runningPostgres() };

/** Types that look at what the machine has or does: any state of theirs will do. */
const ofMachine: ReadonlySet<string> = new Set([
  "battery",
  "cpu",
  "temperature",
  "pressure",
  "swap",
  "load",
  "event-loop",
]);

/** Checks that take an object of the program, as the configuration in code has them. */
const inCode: Readonly<Record<string, string>> = {
  mail: `
    "mail healthy": new Mail({ transporter: { verify: async () => true, options: { host: "localhost", port: 587 } } }),
    "mail failing": new Mail({ transporter: { verify: async () => false } }),`,
};

/** Options of a check by the state that it shall be in. */
type States = Readonly<Record<"healthy" | "failing", object | undefined>>;

/** Types that take what only code can give: {@link configuration} has one that is healthy and one that is not. */
const ofCode: States = { healthy: undefined, failing: undefined };

/** Servers for the checks, and the options of one of each type that is healthy and one that is not. */
async function startTargets(stack: AsyncDisposableStack) {
  const port = await closedPort();
  const answering = (line: string) => async () =>
    stack.use(await startTcpServer((socket: Socket) => void socket.on("data", () => socket.write(line))));
  const memcached = await answering("VERSION 1.6.18\r\n")();
  const ldap = slapdProgram.available ? stack.use(await startLdap()) : undefined;
  const mariadb = mariadbProgram.available ? stack.use(await startMariadb()) : undefined;
  const mongodb = stack.use(await startMongodb());
  const writer = { id: "AKIA", secret: "word", actions: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"] };
  const s3 = stack.use(await startS3({ buckets: ["uploads"], keys: [writer] }));
  const mosquitto = mosquittoProgram.available ? stack.use(await startMosquitto()) : undefined;
  const queues = redisProgram.available ? stack.use(await startRedis()) : undefined;
  await queues?.ask("HSET", "bull:mail:meta", "version", "bullmq:6.7.0");
  const ssh = sshProgram.available ? stack.use(await startSsh()) : undefined;
  const smtp = stack.use(
    await startLineServer("220 vm", (line) => (line.startsWith("EHLO") ? "250-vm\r\n250 STARTTLS" : "220 vm"), {
      startTls: "STARTTLS",
    }),
  );
  const imap = stack.use(
    await startLineServer("* OK ready", (line) => {
      const tag = line.split(" ")[0];
      return `* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n* 3 EXISTS\r\n${tag?.startsWith("a") ? tag : "a2"} OK done`;
    }),
  );
  const pop3 = stack.use(await startLineServer("+OK ready", (line) => (line === "CAPA" ? "+OK\r\n." : "+OK 3 1200")));
  const ftp = stack.use(await startLineServer("220 ready", () => "230 in"));
  const nats = stack.use(
    await startLineServer('INFO {"server_id":"N"} ', (line) => (line === "PING" ? "PONG" : undefined)),
  );
  const files = stack.use(await temporaryFolder({ "shop.db": "" }));
  const sqlite = join(files.path, "shop.db");
  const dns = stack.use(await startDnsServer(() => [Buffer.from([192, 0, 2, 1])]));
  const topics = { orders: { partitions: [{ end: 3, committed: 1 }] } };
  const kafka = stack.use(await startKafkaBroker({ topics, tls: certificates.server }));
  const secure = stack.use(await startHttpTarget((_, response) => void response.end("ok"), certificates.server));
  const web = stack.use(
    await startHttpTarget(({ url }, response) => {
      const State = { Status: "running", ExitCode: 0, OOMKilled: false };
      response.writeHead(url?.startsWith("/broken") ? 503 : 200, { "Content-Type": "application/json" });
      const cluster = { status: "green", timed_out: false, number_of_nodes: 1, unassigned_shards: 0 };
      const alarms = url?.endsWith("/alarms") ? { status: "ok" } : {};
      const json = JSON.stringify({ State, ...cluster, ...alarms, data: [[1]], incidents: [] });
      response.end(url?.startsWith("/feed") ? "<rss><channel><title>Status</title></channel></rss>" : json);
    }),
  );
  const local = { host: "127.0.0.1" };
  const place = (number: number) => `127.0.0.1:${number}`;
  const types: Readonly<Record<string, States>> = {
    battery: { healthy: { minCharge: 0 }, failing: { minCharge: 100 } },
    bullmq: {
      healthy: queues && { ...local, port: queues.port, queue: "mail", minWorkers: 0 },
      failing: { ...local, port, queue: "mail" },
    },
    cache: ofCode,
    clickhouse: {
      healthy: { url: web.origin, query: "SELECT 1" },
      failing: { url: `${web.origin}/broken` },
    },
    cpu: { healthy: { maxUsage: 100 }, failing: { maxUsage: 0 } },
    database: ofCode,
    disk: { healthy: { maxUsage: 100 }, failing: { maxUsage: 0 } },
    dns: {
      healthy: { hostname: "shop.example", servers: place(dns.port) },
      failing: { hostname: "shop.example", servers: place(await closedDatagramPort()) },
    },
    docker: { healthy: { container: "shop", host: web.origin }, failing: { container: "shop", host: secure.origin } },
    elasticsearch: { healthy: { url: web.origin }, failing: { url: `${web.origin}/broken` } },
    "event-loop": { healthy: { maxDelay: "10s" }, failing: { maxDelay: "1ms", percentile: 100 } },
    feed: { healthy: { url: `${web.origin}/feed` }, failing: { url: `${web.origin}/broken` } },
    file: { healthy: { path: library }, failing: { path: "/no/such/file" } },
    ftp: { healthy: { ...local, port: ftp.port }, failing: { ...local, port } },
    heartbeat: {
      healthy: { every: "1h", token: "token-of-the-job" },
      failing: { every: "1h", token: "token-of-the-job" },
    },
    http: {
      healthy: { url: secure.origin, ca: certificates.ca },
      failing: { url: `${web.origin}/broken`, followRedirects: true },
    },
    imap: {
      healthy: { ...local, port: imap.port, tls: false, username: "alice", password: "right" },
      failing: { ...local, port },
    },
    kafka: {
      healthy: {
        brokers: place(kafka.port),
        topics: "orders",
        consumerGroup: "billing",
        tls: true,
        ca: certificates.ca,
      },
      failing: { brokers: [place(port), place(port)] },
    },
    ldap: { healthy: ldap && { ...local, port: ldap.port }, failing: { ...local, port } },
    load: { healthy: { maxPerCpu: 1000 }, failing: { maxPerCpu: 0.0001 } },
    mail: { healthy: {}, failing: {} },
    memcached: { healthy: { ...local, port: memcached.port }, failing: { ...local, port } },
    memory: { healthy: { maxUsage: 100 }, failing: { maxUsage: 0 } },
    mongodb: {
      healthy: { ...local, port: mongodb.port, database: "shop" },
      failing: { url: `mongodb://user:secret@127.0.0.1:${port},127.0.0.2:${port}/shop` },
    },
    mqtt: {
      healthy: mosquitto && { ...local, port: mosquitto.port, topic: "sensors/#", maxSilence: "1h" },
      failing: { ...local, port },
    },
    mysql: {
      healthy: mariadb && { ...local, port: mariadb.port, user: "root" },
      failing: { url: `mysql://user:secret@127.0.0.1:${port}/shop` },
    },
    nats: {
      healthy: { ...local, port: nats.port },
      failing: { ...local, port, stream: "orders", consumer: "mail" },
    },
    pop3: {
      healthy: { ...local, port: pop3.port, tls: false, username: "alice", password: "right" },
      failing: { ...local, port },
    },
    postgres: {
      healthy: services.postgres.available ? { url: postgresUrl } : undefined,
      failing: { url: `postgres://user:secret@127.0.0.1:${port}/shop` },
    },
    pressure: { healthy: { maxStall: 100 }, failing: { maxStall: 0 } },
    rabbitmq: { healthy: { url: web.origin }, failing: { ...local, port, queue: "mail" } },
    redis: {
      healthy: services.redis.available ? { url: redisUrl } : undefined,
      failing: { sentinels: [`127.0.0.1:${port}`], masterName: "primary" },
    },
    s3: {
      healthy: { url: s3.origin, bucket: "uploads", accessKeyId: "AKIA", secretAccessKey: "word", write: true },
      failing: { url: s3.origin, bucket: "uploads", accessKeyId: "AKIA", secretAccessKey: "other" },
    },
    smtp: { healthy: { ...local, port: smtp.port, ca: certificates.ca }, failing: { ...local, port } },
    sqlite: { healthy: { path: sqlite }, failing: { path: "/nowhere/shop.db" } },
    ssh: { healthy: ssh && { ...local, port: ssh.port }, failing: { ...local, port } },
    "status-page": {
      healthy: { url: web.origin, platform: "upsun" },
      failing: { url: `${web.origin}/broken` },
    },
    storage: { healthy: { folder: tmpdir() }, failing: { folder: "/no/such/folder" } },
    swap: { healthy: { maxUsage: 100 }, failing: { maxUsage: 0 } },
    tcp: { healthy: { ...local, port: secure.port, tls: true, ca: certificates.ca }, failing: { ...local, port } },
    temperature: { healthy: {}, failing: { maxTemperature: 1 } },
  };
  return { types, secure };
}

/** A configuration with every type, twice, a check that throws what nobody expects, and one that waits for another. */
function configuration(types: Readonly<Record<string, States>>, endpoint: string): string {
  const checks = Object.entries(types).flatMap(([type, states]) =>
    Object.entries(states).flatMap(([state, options]) =>
      options === undefined || type in inCode ? [] : [[`${type} ${state}`, { type, ...options }] as const],
    ),
  );
  const waiting = { type: "disk", dependsOn: ["tcp failing"] };
  return `
import { defineConfig, HealthCheck, Mail } from ${JSON.stringify(library)};

class Broken extends HealthCheck {
  run() {
    throw new TypeError("x is not a function");
  }
  close() {
    throw new TypeError("y is not a function");
  }
}

const ofCode = {
  "cache healthy": { type: "cache", store: new Map() },
  "cache failing": { type: "cache", store: { get() {}, set() {}, delete() {} } },
  "database healthy": { type: "database", client() {} },
  "database failing": { type: "database", client: { query: async () => { throw new Error("x"); } } },
};

export default defineConfig({
  defaults: { interval: "1s", timeout: "10s" },
  checks: { ...ofCode, ...${JSON.stringify(Object.fromEntries([...checks, ["waiting", waiting]]))},
    ${Object.values(inCode).join("\n")}
    broken: new Broken(),
  },
  probe: { checks: ["http healthy"], networks: ["127.0.0.1"] },
  fleet: { shard: 0, of: 1 },
  telemetry: { otlp: { endpoint: ${JSON.stringify(endpoint)} } },
  notify: { nobody: { type: "webhook", url: "http://127.0.0.1:1/" } },
});
`;
}

/** Every type of check starts at once; and to look through all that was pushed takes a while. */
const patience = { timeout: 50_000, interval: 1000 };

/** What the registry has and a server with everything sends, as {@link liveCheck} names it. */
const ofProbes = new Set(convention.metrics.filter(({ of }) => of === "probe").map(({ name }) => name));
/** A replica with a fixed shard has none of these. */
const ofFleet = convention.metrics
  .filter(({ of, uses }) => of === "process" && uses.some(({ id }) => id === "healthspan.fleet.name"))
  .map(({ name }) => name);

function expected(): readonly string[] {
  const { spans, events, metrics, log } = convention;
  const pushed = metrics.map(({ name }) => name).filter((name) => !ofProbes.has(name) && !ofFleet.includes(name));
  // A name with several addresses, of which a run tries more than one, cannot be had everywhere: test/net/attempts.test.ts.
  const sent = spans.filter(({ id }) => id !== "span.health.check.attempt").map(({ id }) => id);
  return [...sent, ...events.map(({ id }) => id), ...pushed, log.id, "exception"];
}

const peer = ["network.peer.address", "network.peer.port"];
const queue = ["messaging.system", "messaging.destination.name"];
const answerOfHttp = ["http.response.status_code", "http.response.body.size", "network.protocol.version"];
const tls = ["protocol.name", "protocol.version", "cipher", "server.not_after", "server.subject", "server.issuer"]
  .concat("server.hash.sha256")
  .map((name) => `tls.${name}`);

/** What runs of a type find out, by their state, and say on their span. */
const found: Readonly<Record<string, { readonly healthy: readonly string[]; readonly failing: readonly string[] }>> = {
  bullmq: { healthy: [...peer, ...queue, "db.operation.name"], failing: [...peer, ...queue] },
  dns: {
    healthy: [...peer, "dns.question.name", "dns.answers", "network.transport"],
    failing: [...peer, "dns.question.name"],
  },
  docker: { healthy: [...peer, ...answerOfHttp], failing: [...peer, ...tls] },
  http: { healthy: [...peer, ...answerOfHttp, ...tls], failing: [...peer, ...answerOfHttp] },
  kafka: {
    healthy: [
      "messaging.system",
      "messaging.destination.name",
      "messaging.consumer.group.name",
      "health.check.value.lag",
    ],
    failing: ["messaging.system"],
  },
  memcached: { healthy: [...peer, "db.operation.name"], failing: peer },
  nats: { healthy: [...peer, "messaging.system"], failing: [...peer, "messaging.system"] },
  mqtt: {
    healthy: [...peer, ...queue, "network.protocol.name", "network.protocol.version"],
    failing: [...peer, "messaging.system"],
  },
  postgres: { healthy: [...peer, "db.operation.name"], failing: peer },
  rabbitmq: { healthy: [...peer, ...answerOfHttp, "messaging.system"], failing: [...peer, "messaging.system"] },
  redis: { healthy: [...peer, "db.operation.name"], failing: [] },
  ssh: { healthy: [...peer, "network.protocol.name", "network.protocol.version"], failing: peer },
  tcp: { healthy: [...peer, ...tls], failing: peer },
};

async function ask(url: string, path: string, init: RequestInit = {}): Promise<void> {
  await (await fetch(`${url}${path}`, init)).text();
}

describe("everything that is pushed", () => {
  it("is as the semantic conventions say, for every type of check, healthy and failing", async () => {
    await using stack = new AsyncDisposableStack();
    const receiver: OtlpReceiver = stack.use(await startOtlpReceiver());
    const { types, secure } = await startTargets(stack);
    expect(Object.keys(types)).toEqual(Object.keys(catalogue));
    const folder = stack.use(await temporaryFolder({ "healthspan.config.ts": configuration(types, receiver.url) }));
    const environment = {
      OTEL_METRIC_EXPORT_INTERVAL: "1000",
      OTEL_BSP_SCHEDULE_DELAY: "100",
      OTEL_BLRP_SCHEDULE_DELAY: "100",
    };
    const server = stack.use(await startServe(folder.path, [], environment));
    const token = { method: "POST", headers: { Authorization: "Bearer token-of-the-job" } };
    await ask(server.url, "/heartbeat/heartbeat%20healthy", token);
    await ask(server.url, "/heartbeat/heartbeat%20failing/fail", token);
    await ask(server.url, "/health/?format=json");
    await ask(server.url, "/health/", { method: "PURGE" });
    await ask(server.url, "/metrics");
    await ask(server.url, `/probe?check=http%20healthy&target=127.0.0.1:${secure.port}`);
    await ask(server.url, "/probe?check=unknown&target=127.0.0.1");
    const states = (type: string): readonly unknown[] => {
      const runs = receiver.spans.filter(({ attributes }) => attributes["health.check.type"] === type);
      return [...new Set(runs.map(({ attributes }) => attributes["health.check.state"]))];
    };
    /** Of all runs of a type that passed, or found something wrong, the attributes that one of them does not have. */
    const missing = (type: string, passed: boolean): readonly string[] => {
      const runs = receiver.spans.filter(({ attributes }) => {
        const state = String(attributes["health.check.state"]);
        // A run that the end of the server cut off has found out nothing.
        return (
          attributes["health.check.type"] === type && (passed ? ["healthy"] : ["degraded", "unhealthy"]).includes(state)
        );
      });
      const expectedOfType = found[type]?.[passed ? "healthy" : "failing"] ?? [];
      return expectedOfType.filter((name) => runs.some(({ attributes }) => !(name in attributes)));
    };
    await vi.waitFor(() => {
      const { seen } = liveCheck(receiver, convention);
      expect(expected().filter((each) => !seen.has(each))).toEqual([]);
      for (const [type, { healthy }] of Object.entries(types)) {
        expect(states(type), type).not.toEqual([]);
        if (!ofMachine.has(type))
          expect(states(type), type).toContainEqual(expect.stringMatching(/degraded|unhealthy/));
        if (!ofMachine.has(type) && healthy !== undefined) expect(states(type), type).toContain("healthy");
      }
    }, patience);
    server.kill("SIGTERM");
    await server.ended;
    const { violations } = liveCheck(receiver, convention);
    expect(violations).toEqual([]);
    for (const type of Object.keys(found)) {
      expect(missing(type, true), `${type}, healthy`).toEqual([]);
      expect(missing(type, false), `${type}, failing`).toEqual([]);
    }
  }, 90_000);
});

describe("what a replica of a fleet pushes", () => {
  itWithService([services.redis], "is as the semantic conventions say, too", async () => {
    await using receiver = await startOtlpReceiver();
    const name = newFleetName();
    const checks = `checks: { disk: { type: disk, interval: 1s, everywhere: false } }`;
    await using folder = await temporaryFolder({
      "healthspan.yaml": `fleet: { redis: "${redisUrl}", name: ${name} }\n${checks}\n`,
    });
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_METRIC_EXPORT_INTERVAL: "1000" };
    await using _server = await startServe(folder.path, ["healthspan.yaml"], environment);
    await vi.waitFor(() => {
      const { seen } = liveCheck(receiver, convention);
      expect([...ofFleet, "health.check.duration"].filter((each) => !seen.has(each))).toEqual([]);
    }, patience);
    const named = receiver.points.filter(({ attributes }) => attributes["healthspan.fleet.name"] === name);
    const metrics = named.map(({ metric }) => metric);
    expect(metrics).toEqual(expect.arrayContaining([...ofFleet, "health.check.state", "health.check.duration"]));
    expect(ofFleet).toHaveLength(6);
    expect(liveCheck(receiver, convention).violations).toEqual([]);
  });
});

describe("what the command pushes", () => {
  it("is as the semantic conventions say, too", async () => {
    await using receiver = await startOtlpReceiver();
    const port = await closedPort();
    await using folder = await temporaryFolder({
      "healthspan.yaml": `checks: { disk: { type: disk }, down: { type: tcp, host: 127.0.0.1, port: ${port} } }\n`,
    });
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
    await using command = startCommand(["check"], { cwd: folder.path, environment });
    expect((await command.ended).code).toBe(1);
    const { violations, seen } = liveCheck(receiver, convention);
    expect(violations).toEqual([]);
    for (const each of ["span.health.check.client", "span.health.check.internal", "health.check.duration"]) {
      expect(seen).toContain(each);
    }
  });
});

describe("what would not be as the semantic conventions say", () => {
  const scope = { ...ourScope };
  const ids = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
  const resource = Object.fromEntries(
    convention.resource.uses.map(({ id, type }) => [id, type === "int" ? 1 : "text"]),
  );
  const span: ReceivedSpan = {
    ...ids,
    resource,
    scope,
    parentSpanId: "",
    name: "check disk",
    kind: "internal",
    startedAtNanoseconds: 1n,
    endedAtNanoseconds: 2n,
    attributes: { "health.check.name": "disk", "health.check.type": "disk", "health.check.state": "healthy" },
    events: [],
    links: [],
    status: { code: "unset", message: "" },
  };
  const point: ReceivedPoint = {
    resource,
    scope,
    metric: "healthspan.probes",
    unit: "",
    type: "sum",
    temporality: "cumulative",
    monotonic: true,
    attributes: { "health.check.state": "healthy" },
    value: 1,
  };
  const log: ReceivedLog = {
    ...ids,
    resource,
    scope,
    severity: 9,
    severityText: "info",
    eventName: "",
    body: "",
    attributes: { "health.check.name": "disk" },
  };
  const withAttributes = (attributes: object) => ({ attributes: { ...span.attributes, ...attributes } });
  const { "service.instance.id": _, ...anonymous } = resource;

  it("is nothing of what is", () => {
    expect(liveCheck({ spans: [span], points: [point], logs: [log] }, convention).violations).toEqual([]);
  });

  it.each<[string, Partial<ReceivedSpan>]>([
    ['the span "run disk" of kind internal is not defined', { name: "run disk" }],
    ['the span "check disk" of kind producer is not defined', { kind: "producer" }],
    ["span.health.check.internal: the attribute state is not defined", withAttributes({ state: "healthy" })],
    [
      'span.health.check.internal: health.check.state is "fine", which is not in its list',
      withAttributes({ "health.check.state": "fine" }),
    ],
    [
      "span.health.check.internal: health.check.type is 1, not of type string",
      withAttributes({ "health.check.type": 1 }),
    ],
    [
      "span.health.check.internal: the status is error, and error.type is missing",
      { status: { code: "error", message: "" } },
    ],
    ["span.health.check.internal: the status is Ok", { status: { code: "ok", message: "" } }],
    ['span.health.check.internal: the event "thrown" is not defined', { events: [{ name: "thrown", attributes: {} }] }],
    ["the scope is healthspan 0.0.0 of no convention", { scope: { ...scope, version: "0.0.0", schemaUrl: "" } }],
    ["resource: the attribute service.instance.id is missing", { resource: anonymous }],
  ])("is found in a span: %s", (violation, change) => {
    const spans = [{ ...span, ...change }];
    expect(liveCheck({ spans, points: [], logs: [] }, convention).violations).toEqual([violation]);
  });

  it.each<[string, Partial<ReceivedPoint>]>([
    ["the metric healthspan.probe is not defined", { metric: "healthspan.probe" }],
    ['healthspan.probes: the unit is "s", not ""', { unit: "s" }],
    ["healthspan.probes: the instrument is updowncounter, not counter", { monotonic: false }],
    ["healthspan.probes: the attribute health.check.state is missing", { attributes: {} }],
  ])("is found in a data point: %s", (violation, change) => {
    const points = [{ ...point, ...change }];
    expect(liveCheck({ spans: [], points, logs: [] }, convention).violations).toEqual([violation]);
  });

  it.each<[string, Partial<ReceivedLog>]>([
    ['the event "health.check.changed" is not defined', { eventName: "health.check.changed" }],
    ["attributes.healthspan.log: the attribute check is not defined", { attributes: { check: "disk" } }],
  ])("is found in a log record: %s", (violation, change) => {
    const logs = [{ ...log, ...change }];
    expect(liveCheck({ spans: [], points: [], logs }, convention).violations).toEqual([violation]);
  });
});
