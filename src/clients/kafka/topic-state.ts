import { type HealthCheckError, ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../../health/errors.ts";
import { serverError } from "../../net/server-errors.ts";
import { errorCodes, foreignKafka, kafkaError } from "./kafka-error.ts";
import type { ClusterMetadata, Partition, Topic } from "./kafka-requests.ts";

/**
 * What keeps topics from being read and written; undefined for nothing.
 * @param wanted the names of those that were asked for
 */
export function topicFailure(
  { topics, brokers }: ClusterMetadata,
  wanted: readonly string[],
): HealthCheckError | undefined {
  const names = new Set(topics.map(({ name }) => name));
  if (names.size !== new Set(wanted).size || wanted.some((name) => !names.has(name))) return foreignKafka();
  const missing = namesOf(topics.filter(({ error }) => error === errorCodes.noSuchTopic));
  if (missing !== undefined) {
    return new ServiceReturnedUnexpectedResult(`the cluster has no topic ${missing}`, { reason: "assertion" });
  }
  const forbidden = namesOf(topics.filter(({ error }) => error === errorCodes.topicForbidden));
  if (forbidden !== undefined) {
    return serverError(["authentication", `the user lacks the permission for DESCRIBE on the topic ${forbidden}`]);
  }
  const leaderless = found(topics, ({ leader }) => !brokers.has(leader));
  if (leaderless !== undefined) return new ServiceUnavailable(`${leaderless.text} no leader`);
  const failed = topics.find(({ error }) => error !== errorCodes.none);
  return failed && kafkaError(failed.error);
}

/** The partitions that not all of their replicas have in full. */
export function underReplicated(topics: readonly Topic[]): { readonly count: number; readonly message: string } {
  const { count, text } = found(topics, ({ replicas, inSync }) => inSync < replicas) ?? { count: 0, text: "" };
  return { count, message: `${text} replicas that are not in sync` };
}

/** How many partitions are so, in how many words: `2 partitions of orders have`; undefined when none is. */
function found(topics: readonly Topic[], isSo: (partition: Partition) => boolean) {
  const affected = topics.filter(({ partitions }) => partitions.some(isSo));
  const count = affected.reduce((sum, { partitions }) => sum + partitions.filter(isSo).length, 0);
  const names = namesOf(affected);
  if (names === undefined) return undefined;
  return {
    count,
    text: `${count} ${count === 1 ? "partition" : "partitions"} of ${names} ${count === 1 ? "has" : "have"}`,
  };
}

/** The first three, and how many more there are; undefined when there is none. */
function namesOf(topics: readonly Topic[]): string | undefined {
  const names = topics.slice(0, 3).map(({ name }) => name);
  const more = topics.length - names.length;
  const words = more > 0 ? [...names, `${more} more`] : names;
  return words.length === 0 ? undefined : new Intl.ListFormat("en-GB").format(words);
}
