import { isIPv6 } from "node:net";
import { escapeUnprintable } from "../formats/printable.ts";
import { describe } from "../health/failure.ts";
import type { ProbeStep } from "../health/probe-terms.ts";
import { writeProbe } from "../telemetry/open-metrics/write-probe.ts";
import type { ProbeOutcome } from "./prober.ts";

type ProbeRun = Extract<ProbeOutcome, { readonly refused?: never }>;

/**
 * Tells a probe as a text for the person who wants to know why it failed: what was asked, what was met on the way and when, the
 * verdict, and the metrics. Where redirects lead is told by addresses alone, because their names are what the target says.
 */
export function probeTranscript({ report, steps, redact, timeoutMilliseconds }: ProbeRun): string {
  const { check, lastRun, state, failure, certificateExpiresAt, measures = [] } = report;
  const { startedAt = 0, durationSeconds = 0, traceId } = lastRun ?? {};
  const labels = Object.entries(check.labels).map(([name, value]) => `  ${name}: ${value}`);
  const found = [
    ...(certificateExpiresAt === undefined ? [] : [`certificate: expires at ${moment(certificateExpiresAt)}`]),
    ...measures.map(({ name, value, unit }) => `${name}: ${value} ${unit}`),
    ...(traceId === undefined ? [] : [`trace: ${traceId}`]),
  ];
  const way = steps.map(({ at, step }) => `${`${(at / 1000).toFixed(3)} s`.padStart(9)}  ${told(step)}`);
  const reason = failure?.reason === undefined ? "" : ` (${failure.reason})`;
  const verdict = `${state}${reason}${failure === undefined ? "" : `: ${describe(failure)}`}`;
  const lines = [
    `The probe "${check.name}" (${check.type}), begun at ${moment(startedAt)}, with a time-out of ${timeoutMilliseconds / 1000} s`,
    ...labels,
    "",
    "What happened:",
    ...(way.length === 0 ? ["  This type of check tells nothing of its way."] : way),
    `${`${durationSeconds.toFixed(3)} s`.padStart(9)}  ended`,
    "",
    `Result: ${verdict}`,
    ...found.map((text) => `  ${text}`),
    "",
    "Metrics:",
  ];
  const text = lines.map((line) => escapeUnprintable(redact(line))).join("\n");
  return `${text}\n${writeProbe(report, steps, "prometheus")}`;
}

function moment(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

const phases: Readonly<Record<string, string>> = {
  dns: "looking up the name",
  connect: "connecting",
  tls: "TLS handshake",
  "first byte": "waiting for the answer",
  transfer: "reading the answer",
};

function told(step: ProbeStep): string {
  switch (step.kind) {
    case "protocol":
      return `speaking ${step.protocol}`;
    case "phase":
      return phases[step.phase] ?? step.phase;
    case "end of phase":
      return step.failure === undefined ? "done" : `failed: ${step.failure}`;
    case "addresses":
      return `found ${step.addresses.join(", ")}`;
    case "attempt":
      return `trying ${place(step.address, step.port)}`;
    case "connection":
      return `connected to ${place(step.address, step.port)}`;
    case "secure":
      return `the server is the right one, by ${step.version ?? "TLS"}`;
    case "request":
      return `request: ${step.method}`;
    case "answer": {
      const { status, version, contentLength, bodyLength } = step;
      const announced = contentLength === undefined ? "no length announced" : `${contentLength} bytes announced`;
      const read = bodyLength === undefined ? "body not read to its end" : `${bodyLength} bytes of body read`;
      return `answer: status ${status}, HTTP/${version}, ${announced}, ${read}`;
    }
  }
}

function place(address = "an unknown address", port?: number): string {
  return `${isIPv6(address) ? `[${address}]` : address}${port === undefined ? "" : `:${port}`}`;
}
