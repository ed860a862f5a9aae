import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../../src/config/load.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

async function load(yaml: string, environment: Readonly<Record<string, string>> = {}) {
  await using folder = await temporaryFolder({ "healthspan.yaml": `checks: { disk: { type: disk } }\n${yaml}\n` });
  return await loadConfiguration({ cwd: folder.path, environment });
}

const token = (length: number) => "s".repeat(length);
const limits = (name: string) => (value: unknown) => `server: { limits: { ${name}: ${value} } }`;
const probe = (name: string) => (value: unknown) => `probe: { checks: [disk], hosts: [a], ${name}: ${value} }`;

/** What is set, the least and the most that it may be, and what is too little and too much. */
describe.each<[string, (value: unknown) => string, readonly unknown[], readonly unknown[]]>([
  ["server.port", (value) => `server: { port: ${value} }`, [0, 65_535], [-1, 65_536, 1.5]],
  ["server.host", (value) => `server: { host: ${value} }`, ["a"], ['""']],
  ["server.shutdownDelay", (value) => `server: { shutdownDelay: ${value} }`, ["0s", "10m"], ["600001ms"]],
  ["server.limits.connections", limits("connections"), [1, 1_000_000], [0, 1_000_001, 1.5]],
  ["server.limits.keepAliveTimeout", limits("keepAliveTimeout"), ["100ms", "1h"], ["99ms", "3600001ms"]],
  ["server.limits.sendTimeout", limits("sendTimeout"), ["100ms", "1h"], ["99ms", "3600001ms"]],
  ["server.limits.headerTimeout", limits("headerTimeout"), ["100ms", "30s"], ["99ms", "2h"]],
  ["server.limits", limits("headerTimeout"), ["30s"], ["30001ms"]],
  ["server.limits", limits("requestTimeout"), ["10s", "1h"], ["9999ms"]],
  ["server.limits.headerSize", limits("headerSize"), ["1KiB", "1MiB"], ["1023", "1048577", "1024.5"]],
  ["concurrency", (value) => `concurrency: ${value}`, [1, 100_000], [0, 100_001, 1.5]],
  ["probe.concurrency", probe("concurrency"), [], [0, 100_001, 1.5]],
  ["store", (value) => `store: ${value}`, ["a"], ['""']],
  ["stateFile", (value) => `stateFile: ${value}`, ["a"], ['""']],
  [
    "service.name",
    (value) => `service: { name: ${value} }`,
    ["a", token(100)],
    ['""', token(101), '"a\\tb"', '"\\u202e"'],
  ],
  ["traces.keep.ratio", (value) => `traces: { keep: { ratio: ${value} } }`, ["0%", "100%"], ["-1%", "101%"]],
  [
    "metrics.auth.bearer",
    (value) => `metrics: { auth: { bearer: "${value}" } }`,
    ["a", "a.b_c-d~e+f/g0=", "a=="],
    ["", "a b", "a=b", "=", "ä"],
  ],
  [
    "endpoints./health/.auth.path",
    (value) => `endpoints: { /health/: { auth: { path: "${value}" } } }`,
    [token(8), "A.b_c-d~9"],
    [token(7), `${token(8)}/`, `/${token(8)}`, `${token(8)} `],
  ],
  [
    "metrics.auth.basic.username",
    (value) => `metrics: { auth: { basic: { username: "${value}", password: x } } }`,
    ["a", "a b"],
    ["", "a:b", ":a", "a:", "a\\tb"],
  ],
  [
    "metrics.auth.basic.password",
    (value) => `metrics: { auth: { basic: { username: a, password: "${value}" } } }`,
    ["x"],
    [""],
  ],
])("%s", (path, yaml, valid, invalid) => {
  if (valid.length > 0) {
    it.each(valid)("may be %s", async (value) => {
      await expect(load(yaml(value))).resolves.toBeDefined();
    });
  }

  it.each(invalid)("may not be %s", async (value) => {
    await expect(load(yaml(value))).rejects.toThrow(`: ${path}: `);
  });
});

describe("the variable PORT", () => {
  it.each([
    ["0", 0],
    ["080", 80],
    ["65535", 65_535],
  ])("may be %s", async (PORT, port) => {
    expect((await load("", { PORT })).server.port).toBe(port);
  });

  it.each(["65536", "000080", "80 ", " 80", "8e1", "0x50", "80,81", "1.0"])("may not be %j", async (PORT) => {
    await expect(load("", { PORT })).rejects.toThrow("environment: PORT: must be a port from 0 to 65535");
  });
});

describe("an address of traces", () => {
  it.each(["http://t.example/{traceId}", "https://t.example/?a=b&id={traceId}#{traceId}"])("may be %s", async (url) => {
    expect((await load(`traces: { url: "${url}" }`)).traces.url).toBe(url);
  });

  it.each([
    ["xhttp://t/{traceId}", "must be an address that starts with http:// or https://"],
    ["http:/t/{traceId}", "must be an address that starts with http:// or https://"],
    ["http://t/{traceId} ", "must be an address that starts with http:// or https://"],
    ["http://t/{traceId}'x", "must be an address that starts with http:// or https://"],
    ["http://:x/{traceId}", "must be an address that starts with http:// or https://"],
    ["http://t/", "must contain {traceId}, which stands for the id of the trace"],
    ["http://u@t/{traceId}", "must not contain credentials; write %40 for any other @"],
    ["http://:p@t/{traceId}", "must not contain credentials; write %40 for any other @"],
    ["http://{traceId}@t/", "must not contain credentials; write %40 for any other @"],
  ])("may not be %s", async (url, message) => {
    await expect(load(`traces: { url: "${url}" }`)).rejects.toThrow(
      new RegExp(`traces\\.url: ${message.replaceAll(/[{}]/g, "\\$&")}$`),
    );
  });
});
