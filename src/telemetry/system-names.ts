import { attributeNames } from "./names.ts";

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
