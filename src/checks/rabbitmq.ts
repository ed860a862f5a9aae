import { z } from "zod";
import { askByHttp } from "../clients/http/http-question.ts";
import { Service, serviceIssue } from "../clients/http/service-fields.ts";
import { alarmsPath, expectNoAlarm } from "../clients/rabbitmq/alarms.ts";
import { maxShortText } from "../clients/rabbitmq/amqp-frames.ts";
import { openRabbitmq, type RabbitmqConnection } from "../clients/rabbitmq/rabbitmq-connection.ts";
import { ServiceWarning } from "../health/errors.ts";
import { healthCheck } from "../health/health-check.ts";
import { type ConnectionUrl, Secret } from "../health/secret.ts";
import type { Target } from "../health/target.ts";
import { KeptConnection, keptConnectionFields, type TakeFacts } from "../net/kept-connection.ts";
import { credentialFields, firstIssue, LoginProtocol, tlsLoginFields } from "../net/login-options.ts";
import { networkFields, warnOfSlowness } from "../net/network-fields.ts";
import { urlCredentials } from "../net/url-credentials.ts";

const rabbitmqLogin = new LoginProtocol({
  protocols: ["amqp", "amqps", "http", "https"],
  tlsProtocols: ["amqps", "https"],
  defaultPort: 5672,
  defaultTlsPort: 5671,
  usernameOption: "username",
  pathOption: "virtualHost",
  parameters: [],
  insteadOf: [
    ["heartbeat connection_timeout channel_max", "give timeout as an option"],
    ["cacertfile certfile keyfile verify server_name_indication", "give ca, clientCertificate and clientKey"],
  ],
});

const nameField = z.string().refine((name) => {
  const bytes = Buffer.byteLength(name);
  return bytes > 0 && bytes <= maxShortText;
}, `must have 1 to ${maxShortText} bytes`);

/**
 * Logs in to RabbitMQ and opens a channel, and looks at a queue, by AMQP; or asks its management plugin for alarms, by HTTP. What
 * else speaks AMQP 0-9-1, such as LavinMQ, answers as well.
 *
 * While an alarm is in effect, no client may publish, but all may log in: have a check of both kinds.
 *
 * ```yaml
 * checks:
 *   mail: { type: rabbitmq, url: "amqps://probe:${PASSWORD}@rabbit.shop.example/shop", queue: mail, maxMessages: 1000, minConsumers: 1 }
 *   broker: { type: rabbitmq, url: "https://watcher:${PASSWORD}@rabbit.shop.example:15671" }
 * ```
 *
 * By AMQP, a user who may enter the virtual host is enough, without a right in it: `rabbitmqctl add_user probe PASSWORD` and
 * `rabbitmqctl set_permissions -p shop probe '^$' '^$' '^$'`. By HTTP it needs no virtual host, but a tag:
 * `rabbitmqctl set_user_tags watcher monitoring`.
 */
export class Rabbitmq extends healthCheck({
  group: "messaging",
  labels: {
    ...rabbitmqLogin.addressFields(
      "The server's address, such as amqp://rabbit:5672/shop, with amqps:// for TLS; or that of its management plugin, such as http://rabbit:15672.",
    ),
    virtualHost: nameField.optional().describe("The virtual host. Default: /."),
    queue: nameField.optional().describe("A queue that must exist."),
  },
  settings: {
    username: credentialFields.username.describe(
      "The user to log in as. Default: guest, with the password guest, whom a server lets in from its own host alone.",
    ),
    password: credentialFields.password,
    maxMessages: z.int().min(0).optional().describe("Warns when more messages in queue are ready to be delivered."),
    minConsumers: z.int().min(1).optional().describe("Warns when queue has fewer consumers."),
    ...tlsLoginFields,
    ...networkFields,
    ...keptConnectionFields,
  },
  measures: {
    messages: { unit: "{message}", description: "How many messages in the queue are ready to be delivered." },
    consumers: { unit: "{consumer}", description: "How many consumers the queue has." },
  },
  validate: (options) => {
    const { url, queue, virtualHost, maxMessages, minConsumers } = options;
    const needsQueue = (maxMessages ?? minConsumers) !== undefined;
    const management = managementUrl(url);
    const inUrl = url && urlCredentials(url);
    const [username, password] = [options.username ?? inUrl?.username, options.password ?? inUrl?.password];
    return (
      rabbitmqLogin.issue(options) ??
      firstIssue([
        [(username === undefined) !== (password === undefined), "give a user name and a password together"],
        [needsQueue && queue === undefined, "maxMessages and minConsumers go with queue"],
        [
          management !== undefined && (queue ?? virtualHost) !== undefined,
          "the management plugin is asked for alarms alone: for queue and virtualHost, url must begin with amqp:// or amqps://",
        ],
        [management === undefined && (url?.pathname.length ?? 0) > maxShortText, "the virtual host in url is too long"],
      ]) ??
      (management && serviceIssue({ ...options, url: management }))
    );
  },
}) {
  static readonly module = import.meta.url;
  readonly #login = rabbitmqLogin.resolve(this);
  readonly #management = this.#service();
  readonly #connection = new KeptConnection(this.#open.bind(this), this);

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    if (this.#management === undefined) await this.#connection.use(signal, (connection) => this.#examine(connection));
    else await this.#askForAlarms(this.#management, signal);
    warnOfSlowness(performance.now() - startedAt, this);
  }

  override close(): void {
    this.#connection.close();
  }

  override get target(): Target {
    const { server } = this.#login;
    const place = this.#management?.target ?? { address: server?.host, port: server?.port };
    return { ...place, system: "rabbitmq", destination: this.queue };
  }

  #service(): Service | undefined {
    const url = managementUrl(this.url);
    return url && new Service({ ...this, url });
  }

  #open(lifetime: AbortController, takeFacts: TakeFacts): Promise<RabbitmqConnection> {
    const { server: address = { host: "localhost", port: rabbitmqLogin.defaultPort }, tls, path } = this.#login;
    const { username = "guest", password = new Secret("guest") } = this.#login;
    const server = { address, family: this.family, tls, username, password, virtualHost: path ?? "/" };
    return openRabbitmq(server, lifetime, takeFacts);
  }

  async #examine(connection: RabbitmqConnection): Promise<void> {
    const { queue, maxMessages, minConsumers = 0 } = this;
    const state = await connection.openChannel(queue);
    if (state === undefined) return;
    const { messages, consumers } = state;
    this.measure("messages", messages);
    this.measure("consumers", consumers);
    if (consumers < minConsumers) {
      throw new ServiceWarning(`${queue} has ${counted(consumers, "consumer")}, expected at least ${minConsumers}`);
    }
    if (maxMessages === undefined || messages <= maxMessages) return;
    const waiting = `${counted(messages, "message")} ${messages === 1 ? "waits" : "wait"}`;
    throw new ServiceWarning(`${waiting} in ${queue}, expected at most ${maxMessages}`);
  }

  async #askForAlarms(management: Service, signal: AbortSignal): Promise<void> {
    const { login } = management;
    const reply = await askByHttp({ ...management.question(alarmsPath), login }, signal);
    expectNoAlarm(reply, login !== undefined);
  }
}

/** The address of the management plugin; undefined for one of AMQP. */
function managementUrl(url: ConnectionUrl | undefined): ConnectionUrl | undefined {
  return url?.protocol.startsWith("http") ? url : undefined;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
