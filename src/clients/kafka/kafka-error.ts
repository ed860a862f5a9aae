import type { HealthCheckError } from "../../health/errors.ts";
import { foreignProtocol, type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";

/** Of Kafka's error codes, those to which more is said than their meaning. */
export const errorCodes = { none: 0, noSuchTopic: 3, topicForbidden: 29, mechanismUnknown: 33 } as const;

const leaderMoves: KnownError = ["unavailable", "a partition is getting another leader"];

/** What the codes mean with which brokers answer (Kafka protocol guide, "Error Codes"). */
const knownCodes: Readonly<Record<number, KnownError>> = {
  [errorCodes.noSuchTopic]: ["unavailable", "a broker does not know a partition that it should lead"],
  5: leaderMoves,
  6: leaderMoves,
  7: ["timeout", "the broker did not get its answer together in time"],
  14: ["unavailable", "the broker is still loading the offsets of the consumer group"],
  15: ["unavailable", "no broker coordinates the consumer group at present"],
  16: ["unavailable", "the consumer group is getting another coordinator"],
  30: knownErrors.permissionMissing("DESCRIBE on the consumer group"),
  31: knownErrors.permissionMissing("DESCRIBE on the cluster"),
  34: ["authentication", "the broker asks for no login on this port, and the check has one"],
  [errorCodes.topicForbidden]: knownErrors.permissionMissing("DESCRIBE on the topic"),
  58: knownErrors.loginRefused,
};

/** Says what an error code means. */
export function kafkaError(code: number): HealthCheckError {
  return serverError(knownCodes[code] ?? ["unavailable", `the broker answered with an error (${code})`]);
}

/** @throws HealthCheckError unless the code is that of no error */
export function expectNoError(code: number): void {
  if (code !== errorCodes.none) throw kafkaError(code);
}

/** What came is not an answer of Kafka. */
export const foreignKafka = (): HealthCheckError => foreignProtocol("Kafka");
