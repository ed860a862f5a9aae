import { Kafka } from "../../src/checks/kafka.ts";
import { runCheck } from "./run-check.ts";

export type KafkaOptions = Partial<ConstructorParameters<typeof Kafka>[0]>;

/** A check of a broker at a port of 127.0.0.1. */
export function kafkaAt({ port }: { readonly port: number }, options: KafkaOptions = {}): Kafka {
  return new Kafka({ brokers: `127.0.0.1:${port}`, timeout: "3s", ...options });
}

/** Runs a check as it is kept between runs: what it says, and by their names what it has measured. */
export async function verdictOf(check: Kafka) {
  const { state, failure, measures = [] } = await runCheck(check, { keepOpen: true });
  const numbers = Object.fromEntries(measures.map(({ name, value }) => [name, value]));
  return { state, reason: failure?.reason, message: failure?.message, ...numbers };
}
