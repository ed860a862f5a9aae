import { z } from "zod";
import {
  type HealthCheckError,
  ServiceReturnedUnexpectedResult,
  ServiceUnavailable,
  ServiceWarning,
} from "../../health/errors.ts";
import { foreignProtocol, knownErrors, serverError } from "../../net/server-errors.ts";
import type { HttpReply } from "../http/http-question.ts";

/** What is used of the answer to `GET /_cluster/health` (Elasticsearch, "Cluster health API"). */
const answer = z.object({
  status: z.enum(["green", "yellow", "red"]),
  timed_out: z.boolean(),
  number_of_nodes: z.int(),
  unassigned_shards: z.int(),
});

/** What a cluster says of itself. */
export type ClusterHealth = z.infer<typeof answer>;

/** What is expected of a cluster. */
export interface ClusterExpectations {
  readonly index?: string | undefined;
  readonly minStatus: "yellow" | "green";
  readonly minNodes?: number | undefined;
}

/**
 * Reads the answer of a cluster.
 * @param hasLogin whether it was asked with one
 * @throws HealthCheckError when it is none
 */
export function clusterHealth({ status, json }: HttpReply, hasLogin: boolean): ClusterHealth {
  const parsed = answer.safeParse(json);
  // With 408 it answers that an index is not there, or not ready in time.
  if ((status === 200 || status === 408) && parsed.success) return parsed.data;
  if (status === 401) throw serverError(hasLogin ? knownErrors.loginRefused : knownErrors.passwordRequired);
  if (status === 403) throw serverError(knownErrors.permissionMissing("the health of the cluster"));
  if (status === 404 && json !== undefined) throw noIndex();
  if (status === 429) throw new ServiceUnavailable("the server has too many requests");
  if (status === 503) throw new ServiceUnavailable("the cluster has no elected master, or does not answer");
  if (status >= 500) throw new ServiceUnavailable(`the server answered with status ${status}`);
  throw foreignProtocol("Elasticsearch");
}

/** Says what is wrong with a cluster; undefined when nothing is. */
export function clusterFailure(health: ClusterHealth, expected: ClusterExpectations): HealthCheckError | undefined {
  const { status, timed_out: timedOut, number_of_nodes: nodes, unassigned_shards: unassigned } = health;
  const { index, minStatus, minNodes = 0 } = expected;
  const subject = index === undefined ? "the cluster" : "the index";
  if (status === "red") {
    if (timedOut && index !== undefined && unassigned === 0) return noIndex();
    return new ServiceUnavailable(`${subject} is red, ${shards(unassigned)} unassigned`);
  }
  if (timedOut) return new ServiceUnavailable("the cluster did not know its state in time");
  if (status === "yellow" && minStatus === "green") {
    return new ServiceWarning(`${subject} is yellow, ${shards(unassigned)} unassigned, expected green`);
  }
  if (nodes >= minNodes) return undefined;
  return new ServiceWarning(
    `the cluster has ${nodes} ${nodes === 1 ? "node" : "nodes"}, expected at least ${minNodes}`,
  );
}

/** Whether the answer to `GET /` is that of OpenSearch. */
export function isOpensearch({ json }: HttpReply): boolean {
  const parsed = z.object({ version: z.object({ distribution: z.string() }) }).safeParse(json);
  return parsed.success && parsed.data.version.distribution === "opensearch";
}

function shards(count: number): string {
  return count === 1 ? "1 shard is" : `${count} shards are`;
}

function noIndex(): HealthCheckError {
  return new ServiceReturnedUnexpectedResult("the cluster has no index of that name", { reason: "assertion" });
}
