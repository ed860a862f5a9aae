import { randomBytes } from "node:crypto";
import { z } from "zod";
import { openMqtt } from "../clients/mqtt/mqtt-connection.ts";
import { maxTextBytes } from "../clients/mqtt/mqtt-packets.ts";
import { topicFilter } from "../clients/mqtt/topic-filter.ts";
import { TopicWatch } from "../clients/mqtt/topic-watch.ts";
import { duration } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import type { Target } from "../health/target.ts";
import { KeptConnection, keptConnectionFields, type TakeFacts } from "../net/kept-connection.ts";
import { credentialFields, firstIssue, LoginProtocol, tlsLoginFields } from "../net/login-options.ts";
import { networkFields, warnOfSlowness } from "../net/network-fields.ts";
import { serverNameOf } from "../net/open-socket.ts";
import { urlCredentials } from "../net/url-credentials.ts";

const mqttLogin = new LoginProtocol({
  protocols: ["mqtt", "mqtts"],
  tlsProtocols: ["mqtts"],
  defaultPort: 1883,
  defaultTlsPort: 8883,
  usernameOption: "username",
  parameters: [],
  insteadOf: [
    ["clientId clientid client_id", "give clientId as an option"],
    ["topic", "give topic as an option"],
    ["user username password", "give it before the host, as in mqtt://USER:PASSWORD@broker"],
    ["ssl tls", "begin it with mqtts://"],
  ],
});

/**
 * Connects to an MQTT broker, which must let it in and answer its ping; with `topic`, messages must come. It publishes nothing.
 *
 * It speaks version 3.1.1 over TCP or TLS, not over WebSockets. Brokers of version 5 speak it too, unless they are told not to.
 * Without `topic`, any user who may log in is enough. With it, the user needs the right to subscribe to it and to read it; in an ACL
 * file of Mosquitto: `user probe`, then `topic read sensors/#`. Mosquitto accepts the subscription of a user who has no such line, and
 * gives out no message: the topic seems to be silent.
 *
 * ```yaml
 * checks:
 *   broker: { type: mqtt, url: "mqtts://probe:${PASSWORD}@broker.shop.example" }
 *   sensors: { type: mqtt, host: broker.shop.example, username: probe, password: "${PASSWORD}", topic: "sensors/+/temperature", maxSilence: 10m }
 * ```
 *
 * The check listens to `topic` from its first run on, over a connection that it keeps. The silence counts from the last message, or,
 * before the first, from the beginning of the subscription: until `maxSilence` is over, the check is healthy. Messages that the
 * broker has retained from earlier do not count. If the connection was lost meanwhile, messages may have been missed: when the last one
 * is then longer ago than `maxSilence`, the state is unknown, until a message comes or it was silent for `maxSilence` without a gap.
 * `healthspan check` alone does not wait for messages.
 */
export class Mqtt extends healthCheck({
  group: "messaging",
  labels: {
    ...mqttLogin.addressFields("The broker's address, such as mqtt://broker:1883, with mqtts:// for TLS."),
    topic: topicFilter()
      .optional()
      .describe(
        "The topic on which messages must come. + stands for any one level and # at the end for all below: sensors/+/temperature, sensors/#.",
      ),
  },
  settings: {
    ...credentialFields,
    clientId: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe(
        "The client identifier, for a broker that knows its clients by it. A broker ends the connection of a client when another comes with the same. Default: a random one for each connection.",
      ),
    maxSilence: duration().optional().describe("Warns when no message has come on topic for longer."),
    ...tlsLoginFields,
    ...networkFields,
    ...keptConnectionFields,
  },
  measures: {
    silence: {
      unit: "s",
      description: "How long ago the last message on the topic came; before the first, since when the check listens.",
    },
    messages: { unit: "{message}", description: "How many messages came on the topic since the run before." },
  },
  validate: (options) => {
    const { url, topic, maxSilence } = options;
    const inUrl = url && urlCredentials(url);
    const username = options.username ?? inUrl?.username;
    const password = (options.password ?? inUrl?.password)?.reveal();
    const isTooLong = (text = ""): boolean => Buffer.byteLength(text) > maxTextBytes;
    return (
      mqttLogin.issue(options) ??
      firstIssue([
        [(topic === undefined) !== (maxSilence === undefined), "topic and maxSilence must be given together"],
        [username === undefined && password !== undefined, "password goes with username"],
        [
          isTooLong(username) || isTooLong(password),
          `username and password have at most ${maxTextBytes} bytes in MQTT`,
        ],
      ])
    );
  },
}) {
  static readonly module = import.meta.url;
  readonly #login = mqttLogin.resolve(this);
  readonly #connection = new KeptConnection((lifetime, takeFacts) => this.#open(lifetime, takeFacts), this);
  readonly #watch = new TopicWatch();

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    await this.#connection.use(signal, (connection) => connection.ping());
    const milliseconds = performance.now() - startedAt;
    const { topic, maxSilence } = this;
    if (topic !== undefined && maxSilence !== undefined) {
      this.measure("silence", this.#watch.silence?.seconds ?? Number.NaN);
      this.measure("messages", this.#watch.takeMessages());
      this.#watch.expectSound(topic, maxSilence);
    }
    warnOfSlowness(milliseconds, this);
  }

  override close(): void {
    this.#connection.close();
  }

  override get target(): Target {
    const { server } = this.#login;
    return { address: server?.host, port: server?.port, system: "mqtt", destination: this.topic };
  }

  async #open(lifetime: AbortController, takeFacts: TakeFacts) {
    const { family, topic, clientId = randomClientId() } = this;
    const { server: address = { host: "localhost", port: mqttLogin.defaultPort }, username, password } = this.#login;
    const tls = this.#login.tls && { ...this.#login.tls, servername: serverNameOf(address.host) };
    const subscription = topic === undefined ? undefined : { topic, hear: () => this.#watch.hear(lifetime.signal) };
    const broker = { address, family, tls, username, password, clientId, subscription };
    const connection = await openMqtt(broker, lifetime, takeFacts);
    if (topic !== undefined) await this.#watch.listen(connection);
    return connection;
  }
}

/** Brokers have to take one of up to 23 letters and digits (MQTT 3.1.1, section 3.1.3.1). */
function randomClientId(): string {
  return `healthspan${randomBytes(6).toString("hex")}`;
}
