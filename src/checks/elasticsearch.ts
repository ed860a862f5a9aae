import { z } from "zod";
import { clusterFailure, clusterHealth, isOpensearch } from "../clients/elasticsearch/cluster-health.ts";
import { askByHttp } from "../clients/http/http-question.ts";
import { Service, serviceFields, serviceIssue, serviceUrl } from "../clients/http/service-fields.ts";
import { secret } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { Secret } from "../health/secret.ts";
import type { Target } from "../health/target.ts";
import { warnOfSlowness } from "../net/network-fields.ts";
import { urlCredentials } from "../net/url-credentials.ts";

/**
 * Asks Elasticsearch or OpenSearch for the health of the cluster, or of an index.
 *
 * The user needs the cluster privilege `monitor`, in OpenSearch `cluster:monitor/health`; for an index, `monitor` of that index too.
 * A cluster of one node is always yellow as soon as an index has replicas: there is no place for them.
 *
 * ```yaml
 * checks:
 *   search: { type: elasticsearch, url: "https://search.shop.example:9200", apiKey: "${SEARCH_KEY}", minStatus: green, minNodes: 3 }
 *   products: { type: elasticsearch, url: "http://probe:${PASSWORD}@localhost:9200", index: products }
 * ```
 */
export class Elasticsearch extends healthCheck({
  group: "data",
  labels: {
    url: serviceUrl("https://search:9200"),
    index: z
      .string()
      .regex(/^[^\s/?#,"*\\<>|]+$/, "must be the name of one index, or of an alias")
      .optional()
      .describe("The index to look at, or an alias. Default: the whole cluster."),
  },
  settings: {
    apiKey: secret(z.string().regex(/^[\w+/=:-]+$/, "must be a key in its encoded form"))
      .optional()
      .describe("An API key, in its encoded form, instead of a user name and a password."),
    minStatus: z.enum(["yellow", "green"]).default("yellow").describe("Warns below green. Red is always unhealthy."),
    minNodes: z.int().min(1).optional().describe("Warns when the cluster has fewer nodes."),
    ...serviceFields,
  },
  measures: {
    nodes: { unit: "{node}", description: "How many nodes the cluster has." },
    unassignedShards: { unit: "{shard}", description: "How many shards no node has." },
  },
  validate: (fields) => {
    const { username } = urlCredentials(fields.url);
    if (fields.apiKey !== undefined && (username ?? fields.username) !== undefined) {
      return "give either apiKey, or a user name and a password";
    }
    return serviceIssue(fields);
  },
}) {
  static readonly module = import.meta.url;
  readonly #service = new Service(this);
  #system: "elasticsearch" | "opensearch" | undefined;

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const { index } = this;
    const path = `/_cluster/health${index === undefined ? "" : `/${encodeURIComponent(index)}`}`;
    const patience = Math.ceil(this.timeout.milliseconds / 2);
    const reply = await this.#ask(`${path}?timeout=${patience}ms`, signal);
    const health = clusterHealth(reply, (this.apiKey ?? this.#service.login) !== undefined);
    this.measure("nodes", health.number_of_nodes);
    this.measure("unassignedShards", health.unassigned_shards);
    const failure = clusterFailure(health, this);
    if (failure !== undefined) throw failure;
    warnOfSlowness(performance.now() - startedAt, this);
    // Once, for the spans. A user may see less than this: then it is taken for Elasticsearch.
    this.#system ??= isOpensearch(await this.#ask("/", signal)) ? "opensearch" : "elasticsearch";
  }

  override get target(): Target {
    return { ...this.#service.target, system: this.#system ?? "elasticsearch" };
  }

  #ask(path: string, signal: AbortSignal) {
    const { apiKey } = this;
    const headers = apiKey === undefined ? {} : { Authorization: new Secret(`ApiKey ${apiKey.reveal()}`) };
    return askByHttp({ ...this.#service.question(path), login: this.#service.login, headers }, signal);
  }
}
