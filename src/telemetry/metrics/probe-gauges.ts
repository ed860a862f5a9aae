import { isIPv4 } from "node:net";
import type { ProbedAnswer, ProbeStep } from "../../health/probe-terms.ts";
import type { CheckReport } from "../../health/report.ts";
import { metricTable } from "../metric-table.ts";
import { attributeNames } from "../names.ts";
import { type CheckMetric, gaugeMetric } from "./check-metrics.ts";

/** What a probe met on its way, and when: in milliseconds since it began. */
export interface TimedStep {
  readonly at: number;
  readonly step: ProbeStep;
}

/** What the phases of a request are called in Prometheus' blackbox exporter. */
const httpPhases: Readonly<Record<string, string>> = {
  dns: "resolve",
  connect: "connect",
  tls: "tls",
  "first byte": "processing",
  transfer: "transfer",
};

/**
 * What Prometheus' blackbox exporter tells of a probe, under its names. What it gives as 0 when the target was not reached is
 * 0 here, and what it then leaves out is left out.
 */
export function probeGauges(report: CheckReport, steps: readonly TimedStep[]): readonly CheckMetric[] {
  const { state, failure, lastRun, certificateExpiresAt } = report;
  const { probeSuccess, probeDuration, probeFailureInfo, probeCertificateExpiry } = metricTable;
  const expiresAt = certificateExpiresAt === undefined ? [] : [certificateExpiresAt / 1000];
  const reason = { [attributeNames.probeReason]: failure?.reason ?? "unknown" };
  return [
    gaugeMetric(probeSuccess, [point(state === "healthy" ? 1 : 0)]),
    gaugeMetric(probeDuration, [point(lastRun?.durationSeconds ?? 0)]),
    gaugeMetric(probeFailureInfo, state === "healthy" ? [] : [point(1, reason)]),
    ...wayGauges(report, steps),
    gaugeMetric(
      probeCertificateExpiry,
      expiresAt.map((seconds) => point(seconds)),
    ),
  ];
}

function wayGauges({ failure, lastRun }: CheckReport, steps: readonly TimedStep[]): readonly CheckMetric[] {
  const protocol = find(steps, "protocol")?.protocol;
  const phases = phasesOf(steps, (lastRun?.durationSeconds ?? 0) * 1000);
  if (protocol === undefined && phases.length === 0) return [];
  const lookup = phases.filter(({ phase, request }) => phase === "dns" && request <= 1);
  const lookupTime = gaugeMetric(metricTable.probeLookupTime, [point(seconds(lookup))]);
  if (protocol === undefined) return [lookupTime];
  const address = targetAddress(steps);
  const ipProtocol = address === undefined ? 0 : isIPv4(address) ? 4 : 6;
  return [
    lookupTime,
    gaugeMetric(metricTable.probeIpProtocol, [point(ipProtocol)]),
    gaugeMetric(metricTable.probeAddressHash, [point(address === undefined ? 0 : addressHash(address))]),
    ...(protocol === "dns" ? [dnsDuration(phases)] : contentGauges(failure?.reason === "assertion", steps)),
    ...(protocol === "http" ? httpGauges(phases, steps) : []),
  ];
}

function contentGauges(failed: boolean, steps: readonly TimedStep[]): readonly CheckMetric[] {
  const version = find(sinceLastRequest(steps), "secure")?.version?.replace(/^TLSv(\d)$/, "TLSv$1.0");
  const label = { [attributeNames.probeTlsVersion]: version?.replace("TLSv", "TLS ") ?? "" };
  return [
    gaugeMetric(metricTable.probeFailedDueToRegex, [point(failed ? 1 : 0)]),
    gaugeMetric(metricTable.probeTlsVersion, version === undefined ? [] : [point(1, label)]),
  ];
}

function httpGauges(phases: readonly Phase[], steps: readonly TimedStep[]): readonly CheckMetric[] {
  const requests = steps.filter(({ step }) => step.kind === "request").length;
  const answer: Partial<ProbedAnswer> | undefined = find(sinceLastRequest(steps), "answer");
  const durations = Object.entries(httpPhases).map(([name, phase]) => {
    const completed = phases.filter((one) => one.phase === name && one.completed);
    return point(seconds(completed), { [attributeNames.probePhase]: phase });
  });
  const contentLength = answer === undefined ? 0 : (answer.contentLength ?? -1);
  const bodyLength = answer === undefined ? 0 : answer.bodyLength;
  return [
    gaugeMetric(metricTable.probeHttpDuration, durations),
    gaugeMetric(metricTable.probeHttpStatus, [point(answer?.status ?? 0)]),
    gaugeMetric(metricTable.probeHttpContentLength, [point(contentLength)]),
    gaugeMetric(metricTable.probeHttpBodyLength, bodyLength === undefined ? [] : [point(bodyLength)]),
    gaugeMetric(metricTable.probeHttpRedirects, [point(Math.max(0, requests - 1))]),
    gaugeMetric(metricTable.probeHttpSsl, [point(answer?.secure === true ? 1 : 0)]),
    gaugeMetric(metricTable.probeHttpVersion, [point(Number(answer?.version ?? 0))]),
  ];
}

/** A question to a name server goes by UDP, which connects to nothing. */
function dnsDuration(phases: readonly Phase[]): CheckMetric {
  const of = (name: string): number => seconds(phases.filter(({ phase }) => phase === name));
  const durations = { resolve: of("dns"), connect: 0, request: of("first byte") };
  const points = Object.entries(durations).map(([phase, value]) =>
    point(value, { [attributeNames.probePhase]: phase }),
  );
  return gaugeMetric(metricTable.probeDnsDuration, points);
}

/** A part of the way. */
interface Phase {
  readonly phase: string;
  /** In which request of several; 0 where there are none. */
  readonly request: number;
  readonly milliseconds: number;
  readonly completed: boolean;
}

/** @param endAt when the run had its result, at which a part may still have been under way */
function phasesOf(steps: readonly TimedStep[], endAt: number): readonly Phase[] {
  const phases: Phase[] = [];
  let request = 0;
  let open: { readonly phase: string; readonly at: number } | undefined;
  const close = (at: number, completed: boolean): void => {
    if (open !== undefined) phases.push({ phase: open.phase, request, milliseconds: at - open.at, completed });
    open = undefined;
  };
  for (const { at, step } of steps) {
    if (step.kind === "request") request += 1;
    else if (step.kind === "phase") open = { phase: step.phase, at };
    else if (step.kind === "end of phase") close(at, step.failure === undefined);
  }
  if (open !== undefined) close(Math.max(open.at, endAt), false);
  return phases;
}

function seconds(phases: readonly Phase[]): number {
  return phases.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
}

/** Where the target itself was reached, or tried first; not where a redirect led. */
function targetAddress(steps: readonly TimedStep[]): string | undefined {
  const [first = -1, second = steps.length] = steps.flatMap(({ step }, at) => (step.kind === "request" ? [at] : []));
  const ofTarget = steps.slice(first + 1, second);
  return find(ofTarget, "connection")?.address ?? find(ofTarget, "attempt")?.address;
}

function sinceLastRequest(steps: readonly TimedStep[]): readonly TimedStep[] {
  return steps.slice(steps.findLastIndex(({ step }) => step.kind === "request") + 1);
}

function find<Kind extends ProbeStep["kind"]>(steps: readonly TimedStep[], kind: Kind) {
  type Wanted = Extract<ProbeStep, { kind: Kind }>;
  return steps.map(({ step }) => step).find((step): step is Wanted => step.kind === kind);
}

function point(value: number, attributes: Readonly<Record<string, string>> = {}) {
  return { attributes, value };
}

/** FNV-1a with 32 bits of the address's 16 bytes, of which an IPv4 one is the last four (RFC 4291, section 2.5.5.2). */
function addressHash(address: string): number {
  let hash = 0x811c9dc5;
  for (const byte of addressBytes(address)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

function addressBytes(address: string): readonly number[] {
  const text = isIPv4(address) ? `::ffff:${address}` : address.replace(/%.*$/, "");
  const [head = "", tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split("::");
  const groups = (part: string): readonly number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]);
}
