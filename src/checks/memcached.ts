import { z } from "zod";
import { openMemcached } from "../clients/memcached/memcached-connection.ts";
import { secret } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import type { Target } from "../health/target.ts";
import { KeptConnection, keptConnectionFields } from "../net/kept-connection.ts";
import { hostField, networkFields, portField, warnOfSlowness } from "../net/network-fields.ts";
import { serverNameOf } from "../net/open-socket.ts";
import { tlsFields, tlsIssue, tlsOptions } from "../net/tls-options.ts";

const { ca, clientCertificate, clientKey, verifyCertificate } = tlsFields;

/**
 * Asks a memcached server for its version. Nothing is read or stored.
 *
 * ```yaml
 * checks:
 *   cache: { type: memcached, host: cache.shop.example }
 *   sessions: { type: memcached, host: sessions.shop.example, username: shop, password: "${MEMCACHED_PASSWORD}", tls: true }
 * ```
 */
export class Memcached extends healthCheck({
  group: "data",
  labels: {
    host: hostField,
    port: portField.default(11_211),
  },
  settings: {
    username: z.string().regex(/^\S+$/, "must have no spaces").optional().describe("The user to log in as."),
    password: secret(z.string().min(1)).optional().describe("The password to log in with."),
    tls: z.boolean().default(false).describe("Whether to speak TLS."),
    ca,
    clientCertificate,
    clientKey,
    verifyCertificate,
    ...networkFields,
    ...keptConnectionFields,
  },
  validate: (values) => {
    if ((values.username === undefined) !== (values.password === undefined)) {
      return "username and password must be given together";
    }
    const needy = (["ca", "clientCertificate", "clientKey"] as const).find((name) => values[name] !== undefined);
    return needy !== undefined && !values.tls ? `${needy} needs tls: true` : tlsIssue(values);
  },
}) {
  static readonly module = import.meta.url;
  readonly #connection = new KeptConnection((lifetime, takeFacts) => {
    const { host, port, family, username, password } = this;
    const tls = this.tls ? { ...tlsOptions(this), servername: serverNameOf(host) } : undefined;
    return openMemcached({ address: { host, port }, family, tls, username, password }, lifetime, takeFacts);
  }, this);

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    await this.#connection.use(signal, (connection) => connection.expectVersion());
    warnOfSlowness(performance.now() - startedAt, this);
  }

  override close(): void {
    this.#connection.close();
  }

  override get target(): Target {
    return { address: this.host, port: this.port, system: "memcached" };
  }
}
