import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { certificates } from "../support/certificates.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";
import { labelsOf, readFamilies } from "../support/prometheus-protobuf.ts";
import { startServe, until } from "../support/serve-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/opentelemetry.md"), "utf8");

/** What a row of a table of the page says in its second column. */
function numberIn(row: string): number {
  const line = page.split("\n").find((each) => each.startsWith(`| ${row}`)) ?? expect.fail(`no row ${row}`);
  return Number(line.split("|")[2]);
}

it("docs/opentelemetry.md says how many spans and series a check is", async () => {
  await using receiver = await startOtlpReceiver();
  await using plain = await startHttpTarget((_, response) => response.end());
  await using secure = await startHttpTarget((_, response) => response.end(), certificates.server);
  await using folder = await temporaryFolder({
    "ca.pem": certificates.ca,
    "healthspan.yaml": `
checks:
  machine: { type: disk, path: / }
  tcp: { type: tcp, host: 127.0.0.1, port: ${plain.port} }
  address: { type: http, url: "${plain.origin}/" }
  name: { type: http, url: "http://localhost:${plain.port}/" }
  tls: { type: http, url: "https://localhost:${secure.port}/", ca: "\${file:ca.pem}" }
`,
  });
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: "100" };
  await using server = await startServe(folder.path, [], environment);

  /** The spans of a check's first run, all of which are pushed by the time the run is. */
  const spansOf = async (check: string): Promise<number> => {
    const isRun = ({ name }: { readonly name: string }) => name === `check ${check}`;
    const run = await vi.waitFor(() => receiver.spans.find(isRun) ?? expect.fail(`${check} has not run`), until);
    expect(run.status.code).toBe("unset");
    // How many addresses localhost has is the machine's affair.
    return receiver.spans.filter(({ traceId, name }) => traceId === run.traceId && name !== "attempt").length;
  };
  expect(await spansOf("machine")).toBe(numberIn("of this machine"));
  expect(await spansOf("tcp")).toBe(numberIn("`tcp`"));
  expect(await spansOf("address")).toBe(numberIn("`http`, to an address"));
  expect(await spansOf("name")).toBe(numberIn("`http`, to a name"));
  expect(await spansOf("tls")).toBe(numberIn("`http`, to a name by TLS"));

  const scrape = async (accept: string): Promise<Buffer> => {
    const answer = await fetch(`${server.url}/metrics`, { headers: { accept } });
    return Buffer.from(await answer.arrayBuffer());
  };
  const lines = (await scrape("text/plain")).toString().split("\n");
  const classic = lines.filter((line) => line.includes('{check="tcp"'));
  const families = readFamilies(
    await scrape("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily"),
  );
  const native = families.flatMap(({ metric }) => metric).filter((metric) => labelsOf(metric).check === "tcp");
  expect(classic).toHaveLength(numberIn("classic buckets"));
  expect(native).toHaveLength(numberIn("native histograms"));
  // Both are the gauges, the one native series and the classic ones of the durations.
  const ofDurations = classic.filter((line) => line.startsWith("health_check_duration_seconds_"));
  expect(native.length + ofDurations.length).toBe(numberIn("both"));
}, 30_000);
