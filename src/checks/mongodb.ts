import { z } from "zod";
import { type MongodbCommand, openMongodb } from "../clients/mongodb/mongodb-connection.ts";
import { readHello } from "../clients/mongodb/mongodb-hello.ts";
import { loadMongodb } from "../clients/mongodb/mongodb-library.ts";
import { mongodbLoginIssue } from "../clients/mongodb/mongodb-login-issue.ts";
import { defaultPort, mongodbUrl, urlSpeaksTls } from "../clients/mongodb/mongodb-url.ts";
import { healthCheck } from "../health/health-check.ts";
import { optionalImport } from "../health/optional-import.ts";
import type { Target } from "../health/target.ts";
import { KeptConnection, keptConnectionFields, type TakeFacts } from "../net/kept-connection.ts";
import { credentialFields, LoginProtocol, tlsLoginFields } from "../net/login-options.ts";
import { networkFields, warnOfSlowness } from "../net/network-fields.ts";
import { expectWritable, queryFields } from "../net/query-fields.ts";

const mongodbLogin = new LoginProtocol({
  protocols: ["mongodb", "mongodb+srv"],
  defaultPort,
  usernameOption: "username",
  pathOption: "database",
  parameters: [
    ...["authSource", "authMechanism", "replicaSet", "directConnection", "tls", "ssl"],
    // What addresses are copied with, and a check has no use for.
    ...["appName", "retryWrites", "retryReads", "w"],
  ],
  insteadOf: [
    ["tlsCAFile", "give ca"],
    ["tlsCertificateKeyFile", "give clientCertificate and clientKey"],
    ["tlsInsecure tlsAllowInvalidCertificates tlsAllowInvalidHostnames", "give verifyCertificate: false"],
    ["connectTimeoutMS socketTimeoutMS serverSelectionTimeoutMS timeoutMS", "give timeout"],
    ["readPreference", "give writable: true for the primary"],
  ],
});

/**
 * Logs in to a MongoDB server, or to one of a replica set, and sends a `ping`.
 *
 * A user without any role is enough: `db.getSiblingDB("admin").createUser({ user: "probe", pwd: "…", roles: [] })`.
 *
 * An address with one host means that server, whatever it is in its replica set. With several hosts, with `replicaSet` or with
 * `mongodb+srv://`, it means the set: the check asks the server of it that is nearest, or, when it must be `writable`, its primary.
 * Whether `database` exists cannot be told: MongoDB makes one when something is first written to it.
 *
 * ```yaml
 * checks:
 *   orders: { type: mongodb, url: "mongodb://probe:${PASSWORD}@db-1,db-2,db-3/shop?replicaSet=shop&authSource=admin", writable: true }
 *   atlas: { type: mongodb, url: "mongodb+srv://probe:${PASSWORD}@shop.abcde.mongodb.net/?retryWrites=true&w=majority" }
 *   node: { type: mongodb, host: db-1.shop.example, tls: true, username: probe, password: "${PASSWORD}" }
 * ```
 */
export class Mongodb extends healthCheck({
  group: "data",
  labels: {
    ...mongodbLogin.addressFields(""),
    url: mongodbUrl()
      .optional()
      .describe(
        "The address as a connection string, such as mongodb://db-1,db-2/shop?replicaSet=shop. A user name and a password in it are never shown.",
      ),
    database: z.string().min(1).optional().describe("The database that the commands are sent to. Default: admin."),
  },
  settings: {
    ...credentialFields,
    authSource: z
      .string()
      .min(1)
      .optional()
      .describe("The database that knows the user. Default: database, or admin when there is none."),
    writable: queryFields.writable.describe(
      "Whether the server must accept writes: of a replica set, the primary, and not read-only for another reason.",
    ),
    ...tlsLoginFields,
    tls: tlsLoginFields.tls.describe("Whether to speak TLS. An address says so by tls=true, or by mongodb+srv://."),
    ...networkFields,
    ...keptConnectionFields,
  },
  validate: (options) => {
    const { url, tls } = options;
    return (
      mongodbLogin.issue({ ...options, tls: tls || urlSpeaksTls(url) }) ??
      url?.issue ??
      (tls && (url?.parameters.has("tls") || url?.parameters.has("ssl"))
        ? "give tls either in url or as tls"
        : mongodbLoginIssue(options))
    );
  },
}) {
  static readonly module = import.meta.url;
  readonly #library = optionalImport(this.type, "mongodb", loadMongodb);
  readonly #login = mongodbLogin.resolve({ ...this, tls: this.tls || urlSpeaksTls(this.url) });
  readonly #connection = new KeptConnection((lifetime, takeFacts) => this.#open(lifetime, takeFacts), this);

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    await this.#connection.use(signal, (command) => this.#examine(command));
    warnOfSlowness(performance.now() - startedAt, this);
  }

  override close(): void {
    this.#connection.close();
  }

  override get target(): Target {
    const { server, path: namespace } = this.#login;
    // Of several servers the first, until the connection says which it is.
    const port = this.url?.isOfService === true ? undefined : server?.port;
    return { address: server?.host, port, system: "mongodb", namespace };
  }

  async #open(lifetime: AbortController, takeFacts: TakeFacts): Promise<MongodbCommand> {
    const { url, family, writable: isPrimaryWanted } = this;
    const { server = { host: "localhost", port: defaultPort }, path: database, parameters, ...login } = this.#login;
    const servers = {
      ...login,
      protocol: url?.protocol === "mongodb+srv:" ? ("mongodb+srv:" as const) : ("mongodb:" as const),
      hosts: url?.hosts ?? [server],
      isDirect: url?.isOfSet !== true,
      isPrimaryWanted,
      family,
      database,
      authSource: this.authSource ?? parameters.get("authSource"),
      replicaSet: parameters.get("replicaSet"),
      authMechanism: parameters.get("authMechanism"),
    };
    return openMongodb(await this.#library(), servers, lifetime, takeFacts);
  }

  async #examine(command: MongodbCommand): Promise<void> {
    if (this.writable) {
      const { isWritablePrimary = false, readOnly = false } = readHello(await command("hello"));
      expectWritable({ isReplica: !isWritablePrimary, isReadOnly: readOnly });
    }
    await command("ping");
  }
}
