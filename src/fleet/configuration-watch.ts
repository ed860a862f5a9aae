import { hash } from "node:crypto";
import type { HealthCheck } from "../health/health-check.ts";
import type { Logger } from "../health/logger.ts";
import type { JoinedFleet } from "./joined-fleet.ts";
import type { HeardReplica } from "./replicas.ts";

/** What is said of a check that nobody runs. */
const unknownToHolder = "no replica that runs its shard has this check in its configuration";

/** Says when the replicas begin to have different configurations, as during an update, and when they have one again. */
export class ConfigurationWatch {
  readonly #name: string;
  readonly #logger: Logger;
  #replicas: readonly HeardReplica[] = [];
  #differ = false;

  constructor({ name, logger }: Pick<JoinedFleet, "name"> & { readonly logger: Logger }) {
    this.#name = name;
    this.#logger = logger;
  }

  /** Looks at the replicas that are there now. */
  look(replicas: readonly HeardReplica[]): void {
    this.#replicas = replicas;
    const byConfiguration = Map.groupBy(replicas, ({ configuration }) => configuration);
    const differ = byConfiguration.size > 1;
    if (differ === this.#differ) return;
    this.#differ = differ;
    if (!differ) {
      this.#logger.info({}, `all replicas of the fleet "${this.#name}" have the same configuration again`);
      return;
    }
    const which = [...byConfiguration].map(([digest, of]) => `${digest} on ${of.map(({ host }) => host).join(", ")}`);
    this.#logger.warn(
      { configurations: byConfiguration.size },
      `the replicas of the fleet "${this.#name}" have different configurations: ${which.join("; ")}. A check that is missing or different where its shard is held is not run as configured here`,
    );
  }

  /**
   * Why nothing is found of a check that this replica knows.
   * @returns undefined when its holder has the same configuration, or when it has none
   */
  whyUnknown(shard: number, configuration: string): string | undefined {
    if (!this.#differ) return undefined;
    const holder = this.#replicas.find(({ shards }) => shards.includes(shard));
    return holder === undefined || holder.configuration === configuration ? undefined : unknownToHolder;
  }
}

/** Distinguishes configurations by the names, types and intervals of their shared checks. */
export function digestOf(shared: readonly HealthCheck[]): string {
  const lines = shared.map(({ name, type, interval }) => JSON.stringify([name, type, interval?.milliseconds]));
  return hash("sha256", lines.toSorted().join("\n"), "hex").slice(0, 12);
}
