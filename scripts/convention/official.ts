// What we use of OpenTelemetry's registry 1.45.0, https://github.com/open-telemetry/semantic-conventions/tree/v1.45.0/model. A test
// holds the names and the stability against the package @opentelemetry/semantic-conventions of that version.

/** An attribute of the official registry. What it means for us is said where it is used. */
export interface OfficialAttribute {
  readonly type: "string" | "string[]" | "int" | "enum";
  readonly stability: "stable" | "development";
  readonly examples: readonly (string | number)[];
}

const stable = { stability: "stable" } as const;
const development = { stability: "development" } as const;

export const officialAttributes: Readonly<Record<string, OfficialAttribute>> = {
  "client.address": { type: "string", ...stable, examples: ["192.0.2.7"] },
  "cpu.mode": { type: "enum", ...development, examples: ["user", "system"] },
  "db.namespace": { type: "string", ...stable, examples: ["shop", "0"] },
  "db.operation.name": { type: "string", ...stable, examples: ["PING", "SELECT"] },
  "db.response.status_code": { type: "string", ...stable, examples: ["28P01", "WRONGPASS"] },
  "db.system.name": { type: "enum", ...stable, examples: ["postgresql", "redis"] },
  "dns.answers": { type: "string[]", ...development, examples: ['["192.0.2.1", "2001:db8::1"]'] },
  "dns.question.name": { type: "string", ...development, examples: ["shop.example"] },
  "error.type": { type: "enum", ...stable, examples: ["500"] },
  "exception.message": { type: "string", ...stable, examples: ["x is not a function"] },
  "exception.stacktrace": { type: "string", ...stable, examples: ["TypeError: x is not a function\n    at …"] },
  "exception.type": { type: "string", ...stable, examples: ["TypeError"] },
  "host.name": { type: "string", ...development, examples: ["web-1"] },
  "http.request.method": { type: "enum", ...stable, examples: ["GET", "HEAD"] },
  "http.request.method_original": { type: "string", ...stable, examples: ["PURGE"] },
  "http.request.resend_count": { type: "int", ...stable, examples: [1] },
  "http.response.body.size": { type: "int", ...development, examples: [3495] },
  "http.response.status_code": { type: "int", ...stable, examples: [200, 500] },
  "http.route": { type: "string", ...stable, examples: ["/health/"] },
  "messaging.consumer.group.name": { type: "string", ...development, examples: ["mail"] },
  "messaging.destination.name": { type: "string", ...development, examples: ["orders"] },
  "messaging.system": { type: "enum", ...development, examples: ["rabbitmq", "kafka"] },
  "network.peer.address": { type: "string", ...stable, examples: ["192.0.2.1", "/run/redis.sock"] },
  "network.peer.port": { type: "int", ...stable, examples: [443, 5432] },
  "network.protocol.name": { type: "string", ...stable, examples: ["ssh"] },
  "network.protocol.version": { type: "string", ...stable, examples: ["1.1"] },
  "process.command": { type: "string", ...development, examples: ["node"] },
  "process.creation.time": { type: "string", ...development, examples: ["2026-11-28T09:25:34.853Z"] },
  "process.pid": { type: "int", ...development, examples: [1234] },
  "process.runtime.name": { type: "string", ...development, examples: ["nodejs"] },
  "process.runtime.version": { type: "string", ...development, examples: ["24.21.0"] },
  "server.address": { type: "string", ...stable, examples: ["shop.example", "192.0.2.1", "/run/redis.sock"] },
  "server.port": { type: "int", ...stable, examples: [443, 5432] },
  "service.instance.id": { type: "string", ...stable, examples: ["627cc493-f310-47de-96bd-71410b7dec09"] },
  "service.name": { type: "string", ...stable, examples: ["shop"] },
  "service.version": { type: "string", ...stable, examples: ["0.1.0"] },
  "telemetry.sdk.language": { type: "enum", ...stable, examples: ["nodejs"] },
  "telemetry.sdk.name": { type: "string", ...stable, examples: ["opentelemetry"] },
  "telemetry.sdk.version": { type: "string", ...stable, examples: ["2.12.0"] },
  "tls.cipher": { type: "string", ...development, examples: ["TLS_AES_256_GCM_SHA384"] },
  "tls.protocol.name": { type: "enum", ...development, examples: ["tls"] },
  "tls.protocol.version": { type: "string", ...development, examples: ["1.3"] },
  "tls.server.hash.sha256": {
    type: "string",
    ...development,
    examples: ["9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08"],
  },
  "tls.server.issuer": { type: "string", ...development, examples: ["CN=Example Authority,O=Example,C=DE"] },
  "tls.server.not_after": { type: "string", ...development, examples: ["2027-03-01T12:00:00.000Z"] },
  "tls.server.subject": { type: "string", ...development, examples: ["CN=shop.example"] },
  "url.full": { type: "string", ...stable, examples: ["https://shop.example/api/orders"] },
  "url.path": { type: "string", ...stable, examples: ["/health/"] },
  "url.scheme": { type: "string", ...stable, examples: ["https"] },
  "user_agent.original": { type: "string", ...stable, examples: ["Prometheus/3.5.3"] },
  "user_agent.synthetic.type": { type: "enum", ...development, examples: ["test"] },
};

/** A metric of the official registry, as we send it. */
export interface OfficialMetric {
  readonly key: string;
  readonly instrument: "counter" | "updowncounter";
  readonly unit: string;
  readonly brief: string;
  readonly stability: "development";
  readonly attributes: Readonly<Record<string, { readonly brief: string; readonly values: readonly string[] }>>;
}

export const officialMetrics: Readonly<Record<string, OfficialMetric>> = {
  "process.memory.usage": {
    key: "processMemory",
    instrument: "updowncounter",
    unit: "By",
    brief: "How much memory of this process is resident.",
    ...development,
    attributes: {},
  },
  "process.cpu.time": {
    key: "processCpu",
    instrument: "counter",
    unit: "s",
    brief: "How much processor time this process has used, by its mode.",
    ...development,
    attributes: { "cpu.mode": { brief: "What the time was used for.", values: ["user", "system"] } },
  },
};
