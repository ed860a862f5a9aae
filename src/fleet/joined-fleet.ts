import type { SecureContextOptions } from "node:tls";
import type { Logger } from "../health/logger.ts";
import type { ConnectionUrl, Secret } from "../health/secret.ts";

/** The fleet that a replica is one of. */
export interface JoinedFleet {
  /** Where the replicas meet. */
  readonly redis: ConnectionUrl;
  /** Fleets of other names may share the Redis. */
  readonly name: string;
  /** How long a replica that has stopped keeps its checks. */
  readonly leaseMilliseconds: number;
  /** In PEM form: whom to trust, and by what to be known to Redis. */
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly clientCertificate?: string | undefined;
        readonly clientKey?: Secret | undefined;
      }
    | undefined;
}

/** What a fleet is made of. */
export interface FleetOptions extends JoinedFleet {
  readonly logger: Logger;
  /** {@link JoinedFleet.tls} as Node.js takes it. */
  readonly trust?: SecureContextOptions;
}
