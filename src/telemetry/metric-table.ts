import { attributeNames } from "./names.ts";

/** A metric of ours: what its instrument says of it, and the reference. */
export interface MetricDefinition {
  /** Follows OpenTelemetry's rules for names (specification, "Metrics semantic conventions"). */
  readonly name: string;
  readonly instrument:
    | "observable gauge"
    | "histogram"
    | "counter"
    | "observable counter"
    | "observable up-down counter";
  /** In the notation of UCUM; empty for a number without one, because `1` would become a suffix in Prometheus. */
  readonly unit: string;
  /** A sentence. */
  readonly description: string;
  /**
   * What has series of it, and where they are read: each check or each endpoint at `/metrics`, this process at `/metrics`, or
   * the target of a `/probe`. Those of a check carry its labels.
   */
  readonly of: "check" | "endpoint" | "process" | "probe";
  /** The attributes of its series besides the labels of a check. */
  readonly attributes: readonly string[];
}

/**
 * Every metric of ours, in the order in which it is written. There is no semantic convention for health checks yet:
 * `health.check.*` and `healthspan.*` are ours.
 */
export const metricTable = {
  // As django_health_check_status.
  status: {
    name: "health.check.status",
    instrument: "observable gauge",
    unit: "",
    description: "Whether the check passes: 1 when it is healthy, else 0.",
    of: "check",
    attributes: [],
  },
  // An OpenMetrics state set, one series a state.
  state: {
    name: "health.check.state",
    instrument: "observable gauge",
    unit: "",
    description: "The check's state: 1 for the one it is in, 0 for the others.",
    of: "check",
    attributes: [attributeNames.checkState],
  },
  // As django_health_check_response_time_seconds.
  responseTime: {
    name: "health.check.response_time",
    instrument: "observable gauge",
    unit: "s",
    description: "How long the check's last run took; not a number before the first.",
    of: "check",
    attributes: [],
  },
  lastRun: {
    name: "health.check.last_run.timestamp",
    instrument: "observable gauge",
    unit: "s",
    description: "When the check's last run started, in seconds since the epoch; 0 before the first.",
    of: "check",
    attributes: [],
  },
  lastSuccess: {
    name: "health.check.last_success.timestamp",
    instrument: "observable gauge",
    unit: "s",
    description: "When the check's last healthy run ended, in seconds since the epoch; 0 before the first.",
    of: "check",
    attributes: [],
  },
  // As the blackbox exporter's probe_ssl_earliest_cert_expiry.
  certificateExpiry: {
    name: "health.check.certificate.expiry.timestamp",
    instrument: "observable gauge",
    unit: "s",
    description: "When the certificate that the server showed last expires, in seconds since the epoch.",
    of: "check",
    attributes: [],
  },
  consecutiveFailures: {
    name: "health.check.consecutive_failures",
    instrument: "observable gauge",
    unit: "",
    description: "How many of the check's last runs failed in a row.",
    of: "check",
    attributes: [],
  },
  value: {
    name: "health.check.value",
    instrument: "observable gauge",
    unit: "",
    description: "What the check's last run measured: one series a measure, with its unit as a label.",
    of: "check",
    attributes: [attributeNames.measureName, attributeNames.measureUnit],
  },
  // Named as http.server.request.duration is.
  duration: {
    name: "health.check.duration",
    instrument: "histogram",
    unit: "s",
    description: "How long the runs of the check took.",
    of: "check",
    attributes: [attributeNames.errorType],
  },
  // As django_health_check_overall_status.
  overallStatus: {
    name: "health.check.overall_status",
    instrument: "observable gauge",
    unit: "",
    description: "Whether the endpoint passes: 1 when all its checks do, else 0.",
    of: "endpoint",
    attributes: [attributeNames.checkEndpoint],
  },
  schedulerLag: {
    name: "healthspan.scheduler.lag",
    instrument: "histogram",
    unit: "s",
    description: "How much later than planned scheduled runs started.",
    of: "process",
    attributes: [],
  },
  // As nodejs.eventloop.delay.*, but a histogram.
  eventLoopDelay: {
    name: "healthspan.event_loop.delay",
    instrument: "histogram",
    unit: "s",
    description: "How late timers of this process fire.",
    of: "process",
    attributes: [],
  },
  runsSkipped: {
    name: "healthspan.runs.skipped",
    instrument: "counter",
    unit: "",
    description: "Runs that did not start, by the reason.",
    of: "process",
    attributes: [attributeNames.skipReason],
  },
  // As prometheus_config_last_reload_successful.
  reloadSuccessful: {
    name: "healthspan.config.last_reload_successful",
    instrument: "observable gauge",
    unit: "",
    description: "Whether the last attempt to load the configuration was successful: 1, else 0.",
    of: "process",
    attributes: [],
  },
  // As prometheus_config_last_reload_success_timestamp.
  reloadSuccess: {
    name: "healthspan.config.last_reload_success.timestamp",
    instrument: "observable gauge",
    unit: "s",
    description: "When a configuration was last loaded, in seconds since the epoch.",
    of: "process",
    attributes: [],
  },
  exportFailures: {
    name: "healthspan.telemetry.export.failures",
    instrument: "observable counter",
    unit: "",
    description: "Pushes of telemetry that failed.",
    of: "process",
    attributes: [attributeNames.signal],
  },
  loginsFailed: {
    name: "healthspan.logins.failed",
    instrument: "counter",
    unit: "",
    description: "Requests to this server with wrong credentials.",
    of: "process",
    attributes: [],
  },
  probes: {
    name: "healthspan.probes",
    instrument: "counter",
    unit: "",
    description: "Probes of other targets, by the state that was found.",
    of: "process",
    attributes: [attributeNames.checkState],
  },
  probesRefused: {
    name: "healthspan.probes.refused",
    instrument: "counter",
    unit: "",
    description: "Probes of other targets that did not take place, by the reason.",
    of: "process",
    attributes: [attributeNames.refusalReason],
  },
  // Semantic conventions, process: development.
  processMemory: {
    name: "process.memory.usage",
    instrument: "observable up-down counter",
    unit: "By",
    description: "How much memory of this process is resident.",
    of: "process",
    attributes: [],
  },
  // Semantic conventions, process: development.
  processCpu: {
    name: "process.cpu.time",
    instrument: "observable counter",
    unit: "s",
    description: "How much processor time this process has used, by its mode.",
    of: "process",
    attributes: [attributeNames.cpuMode],
  },
  // As Prometheus' blackbox exporter has it.
  probeSuccess: {
    name: "probe.success",
    instrument: "observable gauge",
    unit: "",
    description: "Whether the target passes: 1 when it is healthy, else 0.",
    of: "probe",
    attributes: [],
  },
  // As Prometheus' blackbox exporter has it.
  probeDuration: {
    name: "probe.duration",
    instrument: "observable gauge",
    unit: "s",
    description: "How long the probe took.",
    of: "probe",
    attributes: [],
  },
  // From here on, names and meaning are those of Prometheus' blackbox exporter.
  probeFailureInfo: probeGauge(
    "probe.failure_info",
    "",
    "Why the target does not pass: 1, with the reason as a label. Absent when it passes.",
    [attributeNames.probeReason],
  ),
  probeLookupTime: probeGauge(
    "probe.dns_lookup_time",
    "s",
    "How long the lookup of the target's name took; 0 when the target is an address.",
  ),
  probeIpProtocol: probeGauge(
    "probe.ip_protocol",
    "",
    "The version of IP by which the target was reached or tried: 4 or 6; 0 when no address was found.",
  ),
  probeAddressHash: probeGauge(
    "probe.ip_addr_hash",
    "",
    "A hash of the target's address, which shows that it has changed; 0 when no address was found.",
  ),
  probeFailedDueToRegex: probeGauge(
    "probe.failed_due_to_regex",
    "",
    "Whether the content of the answer was not what the check expects: 1, else 0. Of http, tcp and ssh.",
  ),
  probeCertificateExpiry: probeGauge(
    "probe.ssl_earliest_cert_expiry",
    "",
    "When the first of the certificates expires that were seen, in seconds since the epoch. Absent without one.",
  ),
  probeTlsVersion: probeGauge(
    "probe.tls_version_info",
    "",
    "The version of TLS that was spoken: 1, with the version as a label. Absent without TLS.",
    [attributeNames.probeTlsVersion],
  ),
  probeHttpDuration: probeGauge(
    "probe.http.duration",
    "s",
    "How long each phase of the requests took, redirects included; 0 for one that was not completed. Of http.",
    [attributeNames.probePhase],
  ),
  probeHttpStatus: probeGauge(
    "probe.http.status_code",
    "",
    "The status code of the last answer; 0 without one. Of http.",
  ),
  probeHttpContentLength: probeGauge(
    "probe.http.content_length",
    "",
    "The length in bytes that the last answer announced; -1 when it announced none, 0 without an answer. Of http.",
  ),
  probeHttpBodyLength: probeGauge(
    "probe.http.uncompressed_body_length",
    "",
    "The length in bytes of the last answer's body, as it came; absent when it was not read to its end. Of http.",
  ),
  probeHttpRedirects: probeGauge("probe.http.redirects", "", "How many redirects were followed. Of http."),
  probeHttpSsl: probeGauge("probe.http.ssl", "", "Whether the last answer came by TLS: 1, else 0. Of http."),
  probeHttpVersion: probeGauge(
    "probe.http.version",
    "",
    "The version of HTTP of the last answer; 0 without one. Of http.",
  ),
  probeDnsDuration: probeGauge(
    "probe.dns.duration",
    "s",
    "How long the lookup of the name server and its answer took, by phase. Of dns, when the target is the server.",
    [attributeNames.probePhase],
  ),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

function probeGauge(
  name: string,
  unit: string,
  description: string,
  attributes: readonly string[] = [],
): MetricDefinition {
  return { name, instrument: "observable gauge", unit, description, of: "probe", attributes };
}
