import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc, { type Arbitrary } from "fast-check";
import { ConfigurationError } from "../../../src/config/configuration-error.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import { place } from "./bytes.ts";
import { CaseClock } from "./case-clock.ts";
import type { FuzzSubject } from "./subject.ts";

/** The longest that a configuration may take to load. */
const maxMilliseconds = 5000;

const valid = [
  `service: { name: shop }
defaults: &defaults { interval: 15s, timeout: 5s }
checks:
  database: { type: postgres, url: "\${DATABASE_URL}", dependsOn: [disk] }
  cache: { type: redis, url: redis://localhost:6379, failureThreshold: 3 }
  disk: { type: disk, path: /, maxUsage: 90% }
  orders:
    type: http
    url: https://shop.example/api/orders
    headers: { Authorization: "Bearer \${TOKEN:-none}" }
    expectedStatus: 200-299
    bodyMatches: ^o(k|h)+$
    json: { $.status: up, "$.items[0].state": 1 }
  backup: { type: heartbeat, every: 1d, token: secret-token }
  mail: { type: tcp, host: localhost, port: 25, answerContains: "220", startPeriod: 1m }
endpoints:
  /health/: all
  /health/node/: { checks: [disk], degraded: pass, failureStatus: 503 }
  /health/application/: { checks: [database, cache, orders], auth: { bearer: "\${TOKEN:-none}" } }
server: { host: localhost, port: 9464 }
metrics: { auth: { basic: { username: prometheus, password: secret } } }
log: { level: info }
`,
  "checks:\n  cpu: { type: cpu }\n  memory: &memory\n    type: memory\n  again:\n    <<: *memory\n    interval: 30s\n",
  "checks:\n  name:\n    type: dns\n    hostname: example.org\n    timeout: 2s\n",
];
const invalidFolder = join(import.meta.dirname, "../../../test/config/invalid");
const invalid = readdirSync(invalidFolder, { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".yaml"))
  .map((entry) => readFileSync(join(invalidFolder, entry.name), "utf8"))
  .filter((text) => text.length < 20_000);

const token = fc.oneof(
  fc.constantFrom(
    ...[
      ": ",
      "- ",
      "\n",
      "\n  ",
      "\n    ",
      "\t",
      "&a ",
      "*a",
      "<<: *a\n",
      "<<: [*a, *memory]",
      "!!binary ",
      "!!js/function ",
    ],
    ...[
      "|\n",
      ">-\n",
      "'",
      '"',
      "{",
      "}",
      "[",
      "]",
      "#",
      "%YAML 1.1\n",
      "---\n",
      "...\n",
      "? ",
      ",",
      "!",
      "@",
      "`",
      "null",
      "~",
    ],
    ...[
      "0x1f",
      "1e999",
      ".nan",
      "-.inf",
      "-1",
      "99999999999999999999",
      "1_000",
      "0s",
      "1w",
      "true",
      "yes",
      "2024-01-01",
    ],
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the variables of a configuration look like that
    ...["${DATABASE_URL}", "${", "}", "${NONE}", "${NONE:-}", "${NONE:-${A}}", "${file:/dev/zero}", "${file:/}", "$${"],
    ...["${file:}", "${file:/proc/self/status}"],
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: the variables of a configuration look like that
    ...[
      "__proto__: ",
      "constructor",
      "toString: 1",
      "checks:",
      "endpoints:",
      "type: ",
      "http",
      "(a+)+$",
      "(",
      "all",
      "dependsOn: [disk]",
    ],
    ...[
      "\0",
      "\u2028",
      "\ufeff",
      "🩺",
      "\ud800",
      "\r\n",
      "\x85",
      "a".repeat(3000),
      "[".repeat(300),
      "{a: ".repeat(150),
      "- ".repeat(150),
    ],
  ),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: "binary", maxLength: 4 }),
);

/** How a text is changed; places are shares of its length. */
type Mutation =
  | { readonly kind: "insert"; readonly at: number; readonly text: string }
  | { readonly kind: "replace"; readonly at: number; readonly length: number; readonly text: string }
  | { readonly kind: "delete"; readonly at: number; readonly length: number }
  | { readonly kind: "repeat"; readonly at: number; readonly length: number; readonly times: number }
  | { readonly kind: "swap lines"; readonly at: number; readonly to: number }
  | { readonly kind: "value"; readonly at: number; readonly text: string };

const at = place;
const length = fc.nat(40);
const mutation: Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant("insert" as const), at, text: token }),
  fc.record({ kind: fc.constant("replace" as const), at, length, text: token }),
  fc.record({ kind: fc.constant("delete" as const), at, length }),
  fc.record({ kind: fc.constant("repeat" as const), at, length, times: fc.integer({ min: 2, max: 20 }) }),
  fc.record({ kind: fc.constant("swap lines" as const), at, to: at }),
  fc.record({ kind: fc.constant("value" as const), at, text: token }),
);

function mutated(text: string, change: Mutation): string {
  const start = Math.floor(change.at * text.length);
  switch (change.kind) {
    case "insert":
      return text.slice(0, start) + change.text + text.slice(start);
    case "replace":
      return text.slice(0, start) + change.text + text.slice(start + change.length);
    case "delete":
      return text.slice(0, start) + text.slice(start + change.length);
    case "repeat":
      return text.slice(0, start) + text.slice(start, start + change.length).repeat(change.times) + text.slice(start);
    case "swap lines": {
      const lines = text.split("\n");
      const [one, other] = [change.at, change.to].map((share) =>
        Math.min(lines.length - 1, Math.floor(share * lines.length)),
      );
      [lines[one ?? 0], lines[other ?? 0]] = [lines[other ?? 0] ?? "", lines[one ?? 0] ?? ""];
      return lines.join("\n");
    }
    case "value": {
      const places = [...text.matchAll(/: *([^\s,}\]]+)/g)];
      const place = places[Math.min(places.length - 1, Math.floor(change.at * places.length))];
      if (place === undefined) return text + change.text;
      const [whole, value = ""] = place;
      const from = place.index + whole.length - value.length;
      return text.slice(0, from) + change.text + text.slice(from + value.length);
    }
  }
}

/** Valid and invalid documents, changed at random. */
export async function configurationSubject(): Promise<FuzzSubject<string>> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-fuzz-"));
  const path = join(folder, "healthspan.yaml");
  const environment = { DATABASE_URL: "postgres://shop:secret@db:5432/shop", A: "x: y" };
  const text = fc
    .tuple(
      fc.oneof(
        { arbitrary: fc.constantFrom(...valid), weight: 3 },
        { arbitrary: fc.constantFrom(...invalid), weight: 1 },
      ),
      fc.array(mutation, { maxLength: 4 }),
    )
    .map(([base, changes]) => changes.reduce(mutated, base));
  return {
    name: "configuration documents",
    cases: fc.oneof({ arbitrary: text, weight: 9 }, { arbitrary: fc.string({ maxLength: 100 }), weight: 1 }),
    handle: async (document) => {
      writeFileSync(path, document);
      const clock = new CaseClock();
      const outcome = await load(folder, environment);
      clock.expectWithin(0, maxMilliseconds);
      return outcome;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** @throws every error that is not a ConfigurationError with a message */
async function load(cwd: string, environment: Readonly<Record<string, string>>): Promise<string> {
  try {
    const { checks } = await loadConfiguration({ cwd, environment });
    for (const check of checks) await check.close?.();
    return "loaded";
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    if (error.issues.length === 0 || error.message === "") throw new Error("says nothing", { cause: error });
    return "ConfigurationError";
  }
}
