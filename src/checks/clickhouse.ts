import { z } from "zod";
import { clickhouseRows, expectPing } from "../clients/clickhouse/clickhouse-answer.ts";
import { askByHttp } from "../clients/http/http-question.ts";
import { Service, serviceFields, serviceIssue, serviceUrl } from "../clients/http/service-fields.ts";
import { ServiceWarning } from "../health/errors.ts";
import { duration } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { Secret } from "../health/secret.ts";
import type { Target } from "../health/target.ts";
import { warnOfSlowness } from "../net/network-fields.ts";
import { expectValue, type QueryRows, queryFields, queryIssue } from "../net/query-fields.ts";

/** Of those that the server itself has; 0 when there are none. */
const delayQuery = "SELECT max(absolute_delay) FROM system.replicas";

/**
 * Asks ClickHouse over HTTP: whether it is there, or, with a login, a query.
 *
 * A user with the profile `readonly = 2` is enough, who may read what `query` asks for; `maxReplicaDelay` needs
 * `GRANT SELECT ON system.replicas`. With `readonly = 1` a user may set nothing, not even how long a query may take.
 *
 * ```yaml
 * checks:
 *   events: { type: clickhouse, url: "http://probe:${PASSWORD}@clickhouse.shop.example:8123", database: shop, maxReplicaDelay: 1m }
 *   fresh: { type: clickhouse, url: "http://localhost:8123", query: "SELECT max(at) > now() - 3600 FROM shop.events", expected: 1 }
 * ```
 */
export class Clickhouse extends healthCheck({
  group: "data",
  labels: {
    url: serviceUrl("http://clickhouse:8123"),
    database: z.string().min(1).optional().describe("The database. Default: the user's."),
  },
  settings: {
    query: queryFields.query.describe(
      "What to ask instead of SELECT 1, without FORMAT. It is cancelled at the time-out, and may give at most 1 MiB.",
    ),
    expected: queryFields.expected,
    maxReplicaDelay: duration().optional().describe("Warns when a table of the server is further behind its replicas."),
    ...serviceFields,
  },
  measures: {
    replicaDelay: { unit: "s", description: "How far the table that is furthest behind is behind its replicas." },
  },
  validate: (fields) => serviceIssue(fields) ?? queryIssue(fields),
}) {
  static readonly module = import.meta.url;
  readonly #service = new Service(this);

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const { query, expected, database, maxReplicaDelay } = this;
    const needsNoLogin = query === undefined && database === undefined && this.#service.login === undefined;
    if (needsNoLogin) expectPing(await askByHttp(this.#service.question("/ping"), signal));
    else {
      const rows = await this.#ask(query ?? "SELECT 1", signal);
      if (query === undefined) expectValue(rows, 1, booleans);
      else if (expected !== undefined) expectValue(rows, expected, booleans);
    }
    if (maxReplicaDelay !== undefined) {
      const seconds = Number((await this.#ask(delayQuery, signal))[0]?.[0]);
      this.measure("replicaDelay", seconds);
      if (1000 * seconds > maxReplicaDelay.milliseconds) {
        throw new ServiceWarning(`a table is ${seconds} s behind its replicas, expected at most ${maxReplicaDelay}`);
      }
    }
    warnOfSlowness(performance.now() - startedAt, this);
  }

  override get target(): Target {
    return { ...this.#service.target, system: "clickhouse", namespace: this.database };
  }

  async #ask(query: string, signal: AbortSignal): Promise<QueryRows> {
    const { login } = this.#service;
    const parameters = new URLSearchParams({
      default_format: "JSONCompact",
      readonly: "1", // Whatever the query says.
      max_execution_time: String(Math.ceil(this.timeout.milliseconds / 1000)),
      ...(this.database !== undefined && { database: this.database }),
    });
    const headers = {
      ...(login?.username !== undefined && { "X-ClickHouse-User": new Secret(login.username) }),
      ...(login?.password !== undefined && { "X-ClickHouse-Key": login.password }),
    };
    const question = this.#service.question(`/?${parameters}`);
    return clickhouseRows(await askByHttp({ ...question, headers, body: new Secret(query) }, signal));
  }
}

/** How ClickHouse's answers are read for true and false. */
const booleans = ["1", "0"] as const;
