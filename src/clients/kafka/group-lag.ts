import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import type { ServerAddress } from "../../net/server-list.ts";
import type { KafkaCluster } from "./kafka-cluster.ts";
import { expectNoError, foreignKafka } from "./kafka-error.ts";
import {
  type ClusterMetadata,
  committedOffsets,
  endOffsets,
  findCoordinator,
  type PartitionOffset,
  type TopicPartitions,
} from "./kafka-requests.ts";

/** Each has a connection of its own. */
const maxLeaders = 200;

/**
 * Asks how far a consumer group has come.
 * @param topics those that count; undefined for all that it has committed offsets of
 * @returns its offset in each partition of which it has committed one
 * @throws HealthCheckError when there is none: a group that nobody has ever used is not known as such
 */
export async function offsetsOf(
  cluster: KafkaCluster,
  group: string,
  topics: ClusterMetadata["topics"] | undefined,
): Promise<readonly PartitionOffset[]> {
  const { error, coordinator } = await cluster.ask(findCoordinator(group));
  expectNoError(error);
  const asked = topics?.map(({ name, partitions }) => ({ name, indexes: partitions.map(({ index }) => index) }));
  const answer = await cluster.askAt(coordinator, committedOffsets(group, asked));
  for (const one of [answer, ...answer.offsets]) expectNoError(one.error);
  const committed = answer.offsets.filter(({ offset }) => offset >= 0);
  if (committed.length > 0) return committed;
  const where = topics === undefined ? "" : " in these topics";
  throw new ServiceReturnedUnexpectedResult(`the consumer group has committed no offset${where}: does it exist?`, {
    reason: "assertion",
  });
}

/**
 * Counts the messages between the offsets of a consumer group and the ends of the partitions.
 * @param committed by the group
 * @param known where the partitions are
 */
export async function lagOf(
  cluster: KafkaCluster,
  committed: readonly PartitionOffset[],
  known: ClusterMetadata,
): Promise<number> {
  const leaders = [...partitionsByLeader(committed, known)];
  if (leaders.length > maxLeaders) {
    throw new ServiceReturnedUnexpectedResult(`the topics have more than ${maxLeaders} leaders: give fewer topics`);
  }
  const answers = await Promise.all(
    leaders.map(([, { leader, partitions }]) => cluster.askAt(leader, endOffsets(byTopic(partitions)))),
  );
  const ends = new Map<string, number>();
  for (const { topic, index, error, offset } of answers.flat()) {
    expectNoError(error);
    ends.set(`${topic} ${index}`, offset);
  }
  return leaders
    .flatMap(([, { partitions }]) => partitions)
    .reduce((lag, { topic, index, offset }) => {
      const end = ends.get(`${topic} ${index}`);
      if (end === undefined) throw foreignKafka();
      return lag + Math.max(0, end - offset);
    }, 0);
}

interface LedPartitions {
  readonly leader: ServerAddress;
  readonly partitions: PartitionOffset[];
}

/** By the leader's address: two brokers that claim to have the same are asked as one. */
function partitionsByLeader(committed: readonly PartitionOffset[], { brokers, topics }: ClusterMetadata) {
  const leaderOf = new Map(
    topics.flatMap(({ name, partitions }) => partitions.map(({ index, leader }) => [`${name} ${index}`, leader])),
  );
  const led = new Map<string, LedPartitions>();
  for (const partition of committed) {
    const leader = brokers.get(leaderOf.get(`${partition.topic} ${partition.index}`) ?? -1);
    if (leader === undefined) continue; // A partition that is no more.
    const key = `${leader.host} ${leader.port}`;
    const those = led.get(key) ?? { leader, partitions: [] };
    those.partitions.push(partition);
    led.set(key, those);
  }
  return led;
}

function byTopic(partitions: readonly PartitionOffset[]): readonly TopicPartitions[] {
  const grouped = Map.groupBy(partitions, ({ topic }) => topic);
  return [...grouped].map(([name, those]) => ({ name, indexes: those.map(({ index }) => index) }));
}
