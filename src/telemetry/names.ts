/** The name under which everything of ours is instrumented. */
export const scope = "healthspan";

/** Upper bounds of the buckets of every duration, in seconds. */
export const durationBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

// Attributes.
export const attributeNames = {
  check: "check",
  type: "type",
  state: "state",
  endpoint: "endpoint",
  reason: "reason",
  measure: "measure",
  unit: "unit",
  signal: "signal",
  phase: "phase",
  version: "version",
  checkName: "health.check.name",
  checkType: "health.check.type",
  checkState: "health.check.state",
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

// What a process says of itself.
export const resourceNames = {
  serviceName: "service.name", // semantic conventions, service: stable
  serviceVersion: "service.version", // semantic conventions, service: stable
  serviceInstanceId: "service.instance.id", // semantic conventions, service: stable
  hostName: "host.name", // semantic conventions, host: development
  processId: "process.pid", // semantic conventions, process: development
  runtimeName: "process.runtime.name", // semantic conventions, process: development
  runtimeVersion: "process.runtime.version", // semantic conventions, process: development
} as const;
