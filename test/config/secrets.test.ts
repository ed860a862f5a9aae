import { describe, expect, it } from "vitest";
import { isScalar, parseDocument, visit } from "yaml";
import { ConfigurationError } from "../../src/config/configuration-error.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const configuration = `
service: { name: shop }
server: { host: localhost, port: 9464 }
defaults: { interval: 15s, timeout: 5s, failureThreshold: 2 }
concurrency: 10
checks:
  cache: { type: redis, url: redis://localhost:6379, database: 1, password: x, dependsOn: [disk], tls: false }
  disk: { type: disk, path: /, maxUsage: 90% }
  name: { type: dns, hostname: localhost, recordType: A }
  orders:
    type: http
    url: https://shop.example/
    method: POST
    headers: { accept: text/html, authorization: x }
    expectedStatus: [200, 204]
    json: { $.status: up }
    maxBodySize: 1MiB
endpoints:
  /health/: [disk]
  /node/: { checks: [disk, cache], degraded: pass, failureStatus: 503, auth: { bearer: token } }
  /basic/: { checks: all, auth: { basic: { username: probe, password: x } } }
metrics: { auth: { bearer: token } }
telemetry: { otlp: { endpoint: "http://localhost:4318", headers: { authorization: x } } }
log: { level: info }
`;

const secret = "S3cret {of} the: test";

/** The configuration with the n-th of its values replaced; undefined when it has fewer. */
function withValueAt(n: number, value: string): string | undefined {
  const document = parseDocument(configuration);
  let index = 0;
  let replaced = false;
  visit(document, {
    Scalar(key, node) {
      if (key === "key" || !isScalar(node)) return;
      if (index === n) {
        node.value = value;
        node.type = "QUOTE_DOUBLE";
        replaced = true;
      }
      index += 1;
    },
  });
  return replaced ? document.toString() : undefined;
}

async function issuesOf(text: string): Promise<string> {
  await using folder = await temporaryFolder({ "healthspan.yaml": text, password: secret });
  try {
    await loadConfiguration({ cwd: folder.path, environment: { SECRET: secret } });
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return `${error}\n${JSON.stringify(error)}`;
  }
}

describe("the value of a variable is in no message", () => {
  it("and the configuration it is put into is valid without it", async () => {
    expect(await issuesOf(configuration)).toBe("");
  });

  it.each([`\${SECRET}`, `before \${SECRET} after`, `\${file:password}`])("wherever %s stands", async (written) => {
    let refused = 0;
    for (let n = 0; ; n += 1) {
      const text = withValueAt(n, written);
      if (text === undefined) break;
      const message = await issuesOf(text);
      if (message !== "") refused += 1;
      expect(message).not.toContain("S3cret");
      expect(message).not.toContain("of} the");
    }
    expect(refused).toBeGreaterThan(20);
  });
});

describe("a secret in the file that is itself the issue is in no message", () => {
  it.each([
    "bearer: !L1TERAL x",
    "bearer: !L1TERAL",
    "bearer: *L1TERAL",
    "bearer: &a *L1TERAL",
    "bearer: @L1TERAL",
    "bearer: |L1TERAL",
    "bearer: >L1TERAL\n      x",
    "bearer: %L1TERAL",
    "bearer: [L1TERAL]",
    "bearer: { L1TERAL }",
    "bearer: }L1TERAL",
    `bearer: "\${L1TERAL-1}"`,
    'bearer: "pre${L1TERAL 1"',
    'bearer: "L1TERAL',
    'bearer: "a" L1TERAL',
    'bearer: "\\xL1TERAL"',
    'bearer: "\\UL1TERAL0"',
    "bearer: L1TERAL: foo",
    "bearer: L1TERAL ü",
    "bearer: a\n  L1TERAL",
    "bearer: a\nL1TERAL",
    "bearer: a\n%L1TERAL",
    "bearer: a\n...\nL1TERAL",
    "bearer: ? L1TERAL",
    "bearer: - L1TERAL",
    "basic: L1TERAL:L1TERAL",
  ])("%s", async (written) => {
    const message = await issuesOf(`metrics:\n  auth:\n    ${written}\n`);
    expect(message).not.toBe("");
    expect(message).not.toContain("L1T");
  });
});
