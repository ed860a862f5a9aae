import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { labelOfAttribute } from "../../src/telemetry/labels.ts";
import type { MetricDefinition } from "../../src/telemetry/metric-definition.ts";
import { metricTable } from "../../src/telemetry/metric-table.ts";
import { attributeNames } from "../../src/telemetry/names.ts";
import { type FamilyKind, familyKind, familyName } from "../../src/telemetry/open-metrics/family-name.ts";
import { validName } from "../../src/telemetry/open-metrics/valid-name.ts";
import { probeMetrics } from "../../src/telemetry/open-metrics/write-probe.ts";
import { certificates } from "../support/certificates.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { itWithService } from "../support/it-with-service.ts";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";
import { redisUrl, runningRedis } from "../support/redis-server.ts";
import { newFleetName } from "../support/replica.ts";
import { startServe, until } from "../support/serve-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { closedPort } from "../support/throw-away-server.ts";

const labelName = (attribute: string) => labelOfAttribute(attribute) ?? validName(attribute);
const table: readonly MetricDefinition[] = Object.values(metricTable);
const redis = [await runningRedis()];
const ofMetrics = table.filter(({ of }) => of !== "probe");
/** Replicas with fixed shards have others. */
const ofFleet = ofMetrics.filter(({ attributes }) => attributes.includes(attributeNames.fleetName));
const withoutFleet = ofMetrics.filter((metric) => !ofFleet.includes(metric));
const ofProbes = [...probeMetrics, ...table.filter(({ of }) => of === "probe")];

/** What an OpenMetrics text says of its families, and the labels of their series. */
interface ScrapedFamily {
  readonly kind: string;
  unit: string;
  help: string;
  readonly labels: Set<string>;
}

const kindOf = ({ instrument }: MetricDefinition): FamilyKind => familyKind(instrument);

/** The families that the text of a scrape has, but for the one that describes the process. */
function familiesIn(text: string): Map<string, ScrapedFamily> {
  const families = new Map<string, ScrapedFamily>();
  let current: ScrapedFamily | undefined;
  for (const line of text.split("\n")) {
    const [, keyword, name = "", rest = ""] = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === "TYPE") {
      current = { kind: rest, unit: "", help: "", labels: new Set() };
      families.set(name, current);
    } else if (keyword === "UNIT" && current !== undefined) current.unit = rest;
    else if (keyword === "HELP" && current !== undefined) current.help = rest;
    else
      for (const [, label = ""] of line.split(" # ")[0]?.matchAll(/[{,]([a-z_A-Z]+)="/g) ?? [])
        current?.labels.add(label);
  }
  families.delete("target");
  return families;
}

/** What the table says that a scrape has. */
function described(metrics: readonly MetricDefinition[]) {
  return metrics
    .map((metric) => ({ ...familyName(metric.name, metric.unit, kindOf(metric)), metric }))
    .map(({ name, unit, metric }) => ({ name, unit, kind: kindOf(metric), help: metric.description }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function scraped(families: ReadonlyMap<string, ScrapedFamily>) {
  return [...families]
    .map(([name, { kind, unit, help }]) => ({ name, unit, kind, help }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function scrape(address: string): Promise<Map<string, ScrapedFamily>> {
  const response = await fetch(address, { headers: { Accept: "application/openmetrics-text; version=1.0.0" } });
  expect(response.status).toBe(200);
  return familiesIn(await response.text());
}

describe("the table of metrics", () => {
  it("is exactly what a server that has everything exposes", async () => {
    await using receiver = await startOtlpReceiver();
    await using target = await startHttpTarget((_request, response) => void response.end(), certificates.server);
    await using folder = await temporaryFolder({
      "ca.pem": certificates.ca,
      "healthspan.yaml": `
defaults: { interval: 100ms }
fleet: { shard: 0, of: 1 }
store: history.db
notify: { hook: { type: webhook, url: "${target.origin}" } }
checks:
  disk: { type: disk }
  secure: { type: http, url: "${target.origin}", ca: "\${file:ca.pem}" }
  down: { type: tcp, host: 127.0.0.1, port: ${await closedPort()} }
  resolver: { type: dns, hostname: shop.test, servers: "127.0.0.1:9", interval: 0s, probeTarget: server }
probe: { checks: [secure, resolver], networks: [127.0.0.1] }
telemetry: { otlp: { endpoint: "${receiver.url}" } }
`,
    });
    await using server = await startServe(folder.path, [join(folder.path, "healthspan.yaml")]);
    const families = await vi.waitFor(async () => {
      const found = await scrape(`${server.url}/metrics`);
      expect(scraped(found)).toEqual(described(withoutFleet));
      expect(found.get("health_check_duration_seconds")?.labels).toContain("error_type");
      return found;
    }, until);
    const common = ["check", "type"];
    for (const metric of withoutFleet) {
      const { name, unit, instrument, of, attributes } = metric;
      const labels = families.get(familyName(name, unit, kindOf(metric)).name)?.labels;
      const fields =
        of === "check" ? [...common, "path", "url", "method", "host", "port", "hostname", "recordType", "servers"] : [];
      const own = [...attributes.map(labelName), ...(instrument === "histogram" ? ["le"] : [])];
      expect([...own, ...fields], name).toEqual(expect.arrayContaining([...(labels ?? [])]));
      expect([...(labels ?? [])], name).toEqual(expect.arrayContaining([...own, ...(of === "check" ? common : [])]));
    }

    const probed = new Map([
      ...(await scrape(`${server.url}/probe?check=resolver&target=127.0.0.1:${await closedPort()}`)),
      ...(await scrape(`${server.url}/probe?check=secure&target=127.0.0.1:${target.port}`)),
    ]);
    expect(scraped(probed)).toEqual(described(ofProbes));
    for (const { name, unit, attributes } of table.filter(({ of }) => of === "probe")) {
      const family = familyName(name, unit, "gauge").name;
      expect([...(probed.get(family)?.labels ?? [])], name).toEqual(attributes.map(labelName));
    }
  });

  it("has a short label for each attribute of our own, and no label of a metric twice", () => {
    for (const { name, attributes } of table) {
      const own = attributes.filter((attribute) => /^health(?:span)?\./.test(attribute));
      const labels = own.map((attribute) => labelOfAttribute(attribute));
      for (const label of labels) expect(label, name).toMatch(/^[a-z]+$/);
      expect(new Set(labels).size, name).toBe(own.length);
    }
  });

  itWithService(redis, "is what a replica of a fleet exposes besides", async () => {
    const name = newFleetName();
    await using folder = await temporaryFolder({
      "healthspan.yaml": `
fleet: { redis: "${redisUrl}", name: ${name} }
checks: { down: { type: tcp, host: 127.0.0.1, port: ${await closedPort()}, interval: 1s } }
`,
    });
    await using server = await startServe(folder.path, [join(folder.path, "healthspan.yaml")]);
    await vi.waitFor(async () => {
      const found = await scrape(`${server.url}/metrics`);
      const own = [...found].filter(([family]) => family.startsWith("healthspan_fleet_"));
      expect(scraped(new Map(own))).toEqual(described(ofFleet));
      for (const [family, { labels }] of own) expect([...labels], family).toEqual(["fleet"]);
      const ofChecks = [...found].filter(([family]) => /^health_check_(?!overall)/.test(family));
      expect(ofChecks.map(([family]) => family)).toContain("health_check_duration_seconds");
      for (const [family, { labels }] of ofChecks) expect([...labels], family).toContain("fleet");
    }, until);
    expect(ofFleet).toHaveLength(6);
  });

  it("describes each metric in a sentence, under a name of its own", () => {
    expect(new Set(table.map(({ name }) => name)).size).toBe(table.length);
    for (const { name, description, unit } of table) {
      expect(name).toMatch(/^[a-z]+(?:[._][a-z]+)+$/);
      expect(description, name).toMatch(/^[A-Z].*\.$/);
      expect(["", "s", "By"], name).toContain(unit);
    }
  });
});
