/** Upper bounds of the buckets of every duration, in seconds. */
export const durationBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

// Attributes. Those that start with `health.check` and `healthspan` are ours.
export const attributeNames = {
  checkName: "health.check.name",
  checkType: "health.check.type",
  checkState: "health.check.state",
  checkLabel: "health.check.label", // with a dot and the name of the label field behind it
  checkEndpoint: "health.check.endpoint",
  measureName: "health.check.measure.name",
  measureUnit: "health.check.measure.unit",
  skipReason: "healthspan.skip.reason",
  refusalReason: "healthspan.refusal.reason",
  signal: "healthspan.telemetry.signal",
  log: "healthspan.log", // with a dot and the name of the detail behind it
  probePhase: "healthspan.probe.phase",
  probeReason: "healthspan.probe.reason",
  probeTlsVersion: "healthspan.probe.tls.version",
  previousState: "health.check.previous_state", // only of a run that changed the check's state
  checkValue: "health.check.value", // on spans, with a dot and the name of the measure behind it
  cpuMode: "cpu.mode", // semantic conventions, CPU: development
  errorType: "error.type", // semantic conventions, general: stable
  serverAddress: "server.address", // semantic conventions, server: stable
  serverPort: "server.port", // semantic conventions, server: stable
  urlFull: "url.full", // semantic conventions, URL: stable
  urlPath: "url.path", // semantic conventions, URL: stable
  urlScheme: "url.scheme", // semantic conventions, URL: stable
  httpRequestMethod: "http.request.method", // semantic conventions, HTTP: stable
  httpRequestMethodOriginal: "http.request.method_original", // semantic conventions, HTTP: stable
  httpResponseStatusCode: "http.response.status_code", // semantic conventions, HTTP: stable
  httpRoute: "http.route", // semantic conventions, HTTP: stable
  networkProtocolVersion: "network.protocol.version", // semantic conventions, network: stable
  clientAddress: "client.address", // semantic conventions, client: stable
  userAgentOriginal: "user_agent.original", // semantic conventions, user agent: stable
  dbSystemName: "db.system.name", // semantic conventions, database: stable
  dbNamespace: "db.namespace", // semantic conventions, database: stable
  messagingSystem: "messaging.system", // semantic conventions, messaging: development
  exceptionType: "exception.type", // semantic conventions, exceptions: stable
  exceptionMessage: "exception.message", // semantic conventions, exceptions: stable
  exceptionStacktrace: "exception.stacktrace", // semantic conventions, exceptions: stable
  syntheticType: "user_agent.synthetic.type", // semantic conventions, user agent: development
} as const;

/**
 * The labels of Prometheus' formats for our own attributes, which are short there and, unlike in stores of OpenTelemetry data, not
 * in the way of others.
 */
const labels: ReadonlyMap<string, string> = new Map([
  [attributeNames.checkName, "check"],
  [attributeNames.checkType, "type"],
  [attributeNames.checkState, "state"],
  [attributeNames.checkEndpoint, "endpoint"],
  [attributeNames.measureName, "measure"],
  [attributeNames.measureUnit, "unit"],
  [attributeNames.skipReason, "reason"],
  [attributeNames.refusalReason, "reason"],
  [attributeNames.signal, "signal"],
  [attributeNames.probePhase, "phase"],
  [attributeNames.probeReason, "reason"],
  [attributeNames.probeTlsVersion, "version"],
]);

const labelPrefix = `${attributeNames.checkLabel}.`;

/** The attribute that carries a label field of a check. */
export function labelAttribute(field: string): string {
  return labelPrefix + field;
}

/** The label of Prometheus' formats for one of our own attributes; undefined for any other. */
export function labelOfAttribute(attribute: string): string | undefined {
  return labels.get(attribute) ?? (attribute.startsWith(labelPrefix) ? attribute.slice(labelPrefix.length) : undefined);
}

const fixedLabels: ReadonlySet<string> = new Set(labels.values());

/** Whether one of our own attributes has this label in Prometheus' formats, whatever check it is of. */
export function isOwnLabel(label: string): boolean {
  return fixedLabels.has(label);
}

/**
 * The products that a check may name as the `system` of its target, by the attribute that takes the name. They are the values
 * that OpenTelemetry's semantic conventions 1.45.0 list for it, and those that they have no word for.
 */
export const systemNames = {
  // semantic conventions, attribute registry, "DB attributes"
  [attributeNames.dbSystemName]: [
    ...["mariadb", "microsoft.sql_server", "mysql", "postgresql"], // stable; the others: development
    ...["actian.ingres", "aws.dynamodb", "aws.redshift", "azure.cosmosdb", "cassandra", "clickhouse", "cockroachdb"],
    ...["couchbase", "couchdb", "derby", "elasticsearch", "firebirdsql", "gcp.spanner", "geode", "h2database", "hbase"],
    ...["hive", "hsqldb", "ibm.db2", "ibm.informix", "ibm.netezza", "influxdb", "instantdb", "intersystems.cache"],
    ...["memcached", "mongodb", "neo4j", "opensearch", "oracle.db", "other_sql", "redis", "sap.hana", "sap.maxdb"],
    ...["softwareag.adabas", "sqlite", "teradata", "trino"],
  ],
  // semantic conventions, attribute registry, "Messaging attributes": development
  [attributeNames.messagingSystem]: [
    ...["activemq", "aws.sns", "aws_sqs", "eventgrid", "eventhubs", "gcp_pubsub", "jms", "kafka", "pulsar", "rabbitmq"],
    ...["rocketmq", "servicebus"],
    ...["bullmq", "mqtt", "nats"], // ours
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The attribute that takes the name of a system; undefined for a name that {@link systemNames} does not have. */
export function systemAttribute(system: string): keyof typeof systemNames | undefined {
  const attributes = [attributeNames.dbSystemName, attributeNames.messagingSystem] as const;
  return attributes.find((attribute) => (systemNames[attribute] as readonly string[]).includes(system));
}

/** The event that a change of a check's state is, as a log record. */
export const stateChangeEvent = "health.check.state_change";

// What a process says of itself.
export const resourceNames = {
  serviceName: "service.name", // semantic conventions, service: stable
  serviceVersion: "service.version", // semantic conventions, service: stable
  serviceInstanceId: "service.instance.id", // semantic conventions, service: stable
  hostName: "host.name", // semantic conventions, host: development
  processId: "process.pid", // semantic conventions, process: development
  processCreationTime: "process.creation.time", // semantic conventions, process: development
  processCommand: "process.command", // semantic conventions, process: development
  runtimeName: "process.runtime.name", // semantic conventions, process: development
  runtimeVersion: "process.runtime.version", // semantic conventions, process: development
} as const;
