import { openFirst } from "../../net/open-first.ts";
import { isPort, type ServerAddress } from "../../net/server-list.ts";
import { type KafkaBroker, type KafkaSession, openBroker } from "./kafka-broker.ts";
import { foreignKafka } from "./kafka-error.ts";
import type { KafkaRequest } from "./kafka-requests.ts";

/**
 * A broker that has answered, and the connections to others of its cluster that questions have led to. They end together.
 */
export class KafkaCluster {
  readonly #first: KafkaBroker;
  readonly #session: KafkaSession;
  readonly #lifetime: AbortController;
  readonly #others = new Map<string, Promise<KafkaBroker>>();

  constructor(first: KafkaBroker, session: KafkaSession, lifetime: AbortController) {
    this.#first = first;
    this.#session = session;
    this.#lifetime = lifetime;
  }

  /** Asks what every broker can answer. */
  ask<Answer>(request: KafkaRequest<Answer>): Promise<Answer> {
    return this.#first.ask(request);
  }

  /**
   * Asks one broker, at the address that the cluster says it has: it gets the same login as the first, as from every client.
   * The same is not asked two things at a time.
   * @throws HealthCheckError that names the broker
   */
  async askAt<Answer>({ host, port }: ServerAddress, request: KafkaRequest<Answer>): Promise<Answer> {
    const { address } = this.#first;
    if (address.host === host && address.port === port) return this.#first.ask(request);
    if (!/^[\w.:%-]{1,255}$/.test(host) || !isPort(port)) throw foreignKafka();
    const key = `${host} ${port}`;
    const broker = this.#others.get(key) ?? this.#open({ host, port });
    this.#others.set(key, broker);
    return (await broker).ask(request);
  }

  #open(address: ServerAddress): Promise<KafkaBroker> {
    const own = new AbortController();
    const { signal } = this.#lifetime;
    signal.addEventListener("abort", () => own.abort(signal.reason), { once: true });
    own.signal.addEventListener("abort", () => this.#lifetime.abort(own.signal.reason), { once: true });
    return openBroker(address, this.#session, own);
  }
}

/**
 * Connects to a cluster: to the first of these brokers that lets us in.
 * @param lifetime as described at `OpenConnection`
 */
export async function openKafka(
  brokers: readonly ServerAddress[],
  session: KafkaSession,
  lifetime: AbortController,
): Promise<KafkaCluster> {
  const first = await openFirst(brokers, (address, own) => openBroker(address, session, own), lifetime);
  return new KafkaCluster(first, session, lifetime);
}
