import { z } from "zod";
import { expectJetstream, pendingMessages, streamMessages } from "../clients/nats/jetstream.ts";
import { type NatsConnection, openNats } from "../clients/nats/nats-connection.ts";
import { ServiceWarning } from "../health/errors.ts";
import { secret } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import type { Target } from "../health/target.ts";
import { KeptConnection, keptConnectionFields, type TakeFacts } from "../net/kept-connection.ts";
import { credentialFields, firstIssue, LoginProtocol, tlsLoginFields } from "../net/login-options.ts";
import { networkFields, warnOfSlowness } from "../net/network-fields.ts";
import { urlCredentials } from "../net/url-credentials.ts";

const natsLogin = new LoginProtocol({
  protocols: ["nats", "tls"],
  tlsProtocols: ["tls"],
  defaultPort: 4222,
  usernameOption: "username",
  parameters: [],
  insteadOf: [["tls ssl", "begin it with tls://"]],
});

/** Of a stream or a consumer (NATS documentation, "Naming Streams, Consumers, and Account"). */
const nameField = z.string().regex(/^[^\s.*>/\\]+$/, "must be a name, without spaces, dots, slashes, * and >");

/**
 * Logs in to a NATS server and pings it; counts what a stream of JetStream has, and what waits for a consumer.
 *
 * One check asks one server: make a check of each server of a cluster. A user logs in by a password or a token, or is known by its
 * client certificate; NKeys and JWTs are not spoken.
 *
 * ```yaml
 * checks:
 *   bus: { type: nats, url: "tls://probe:${PASSWORD}@nats.shop.example" }
 *   orders: { type: nats, host: nats.shop.example, username: probe, password: "${PASSWORD}", stream: orders, consumer: mail, maxPending: 1000 }
 * ```
 *
 * For a ping, a user needs no permission. JetStream is asked at `$JS.API.INFO`, or at `$JS.API.STREAM.INFO.STREAM` and
 * `$JS.API.CONSUMER.INFO.STREAM.CONSUMER` when these are given, and answers below `inboxPrefix`; nothing is read from a stream. So the
 * second example needs no more than this:
 *
 * ```
 * permissions: { publish: ["$JS.API.STREAM.INFO.orders", "$JS.API.CONSUMER.INFO.orders.mail"], subscribe: ["_INBOX.>"] }
 * ```
 */
export class Nats extends healthCheck({
  group: "messaging",
  labels: {
    ...natsLogin.addressFields("The server's address, such as nats://nats:4222, with tls:// for TLS."),
    stream: nameField.optional().describe("A stream of JetStream that must exist."),
    consumer: nameField.optional().describe("A consumer of stream that must exist."),
  },
  settings: {
    ...credentialFields,
    token: secret(z.string().min(1))
      .optional()
      .describe("The token to log in with, instead of a user name and a password."),
    jetstream: z
      .boolean()
      .default(false)
      .describe("Whether the account must have JetStream. With stream, it must anyway."),
    maxPending: z.int().min(0).optional().describe("Warns when more messages have not been given to consumer yet."),
    inboxPrefix: z
      .string()
      .regex(/^[^\s.*>]+(?:\.[^\s.*>]+)*$/, "must be the beginning of a subject, such as _INBOX")
      .default("_INBOX")
      .describe("With what the subjects begin at which JetStream answers."),
    ...tlsLoginFields,
    tlsFirst: z
      .boolean()
      .default(false)
      .describe(
        "Whether TLS begins with the first byte, as handshake_first of a server asks for, and not after its greeting.",
      ),
    ...networkFields,
    ...keptConnectionFields,
  },
  measures: {
    messages: { unit: "{message}", description: "How many messages the stream has." },
    pending: { unit: "{message}", description: "How many messages the consumer has not been given yet." },
  },
  validate: (options) => {
    const { url, token, stream, consumer, maxPending, tls, tlsFirst } = options;
    const inUrl = url && urlCredentials(url);
    const [username, password] = [options.username ?? inUrl?.username, options.password ?? inUrl?.password];
    return (
      natsLogin.issue(options) ??
      firstIssue([
        [
          token !== undefined && (username ?? password) !== undefined,
          "give either token, or a user name and a password",
        ],
        [
          (username === undefined) !== (password === undefined),
          "give a user name and a password together; a token is given as token",
        ],
        [consumer !== undefined && stream === undefined, "consumer goes with stream"],
        [maxPending !== undefined && consumer === undefined, "maxPending goes with consumer"],
        [
          tlsFirst && !tls && url?.protocol !== "tls:",
          "tlsFirst needs TLS: give tls: true, or a url that begins with tls://",
        ],
      ])
    );
  },
}) {
  static readonly module = import.meta.url;
  readonly #login = natsLogin.resolve(this);
  readonly #connection = new KeptConnection(this.#open.bind(this), this);

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    await this.#connection.use(signal, (connection) => this.#examine(connection));
    warnOfSlowness(performance.now() - startedAt, this);
  }

  override close(): void {
    this.#connection.close();
  }

  override get target(): Target {
    const { server } = this.#login;
    const looked = { destination: this.stream, consumerGroup: this.consumer };
    return { address: server?.host, port: server?.port, system: "nats", ...looked };
  }

  #open(lifetime: AbortController, takeFacts: TakeFacts): Promise<NatsConnection> {
    const { family, token, tlsFirst, inboxPrefix } = this;
    const {
      server: address = { host: "localhost", port: natsLogin.defaultPort },
      username,
      password,
      tls,
    } = this.#login;
    const server = { address, family, tls, tlsFirst, username, password, token, inboxPrefix };
    return openNats(server, lifetime, takeFacts);
  }

  async #examine(connection: NatsConnection): Promise<void> {
    const { stream, consumer, maxPending } = this;
    await connection.expectPong();
    if (stream === undefined) return this.jetstream ? expectJetstream(connection) : undefined;
    this.measure("messages", await streamMessages(connection, stream));
    if (consumer === undefined) return;
    const pending = await pendingMessages(connection, stream, consumer);
    this.measure("pending", pending);
    if (maxPending === undefined || pending <= maxPending) return;
    const waiting = pending === 1 ? "1 message waits" : `${pending} messages wait`;
    throw new ServiceWarning(`${waiting} for ${consumer}, expected at most ${maxPending}`);
  }
}
