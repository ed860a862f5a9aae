import type { Secret } from "../../health/secret.ts";
import { serverError } from "../../net/server-errors.ts";
import { errorCodes, expectNoError } from "./kafka-error.ts";
import { type KafkaRequest, saslAuthenticate, saslHandshake } from "./kafka-requests.ts";
import { scram } from "./scram.ts";

/** The kinds of login, by what they are called in a configuration, and in Kafka. */
const mechanismNames = {
  plain: "PLAIN",
  "scram-sha-256": "SCRAM-SHA-256",
  "scram-sha-512": "SCRAM-SHA-512",
  oauthbearer: "OAUTHBEARER",
} as const;

export type Mechanism = keyof typeof mechanismNames;
export const mechanisms = Object.keys(mechanismNames) as [Mechanism, ...Mechanism[]]; // Its own keys.

/** As whom to log in. */
export type KafkaLogin =
  | { readonly mechanism: Exclude<Mechanism, "oauthbearer">; readonly username: string; readonly password: Secret }
  | { readonly mechanism: "oauthbearer"; readonly token: Secret };

/** What a login needs of the connection that it is for. */
interface Connection {
  ask<Answer>(request: KafkaRequest<Answer>): Promise<Answer>;
  foreign(): Error;
}

/**
 * Logs in by SASL.
 * @throws HealthCheckError when the broker refuses that
 */
export async function logIn(connection: Connection, login: KafkaLogin): Promise<void> {
  const { mechanism } = login;
  const { error, mechanisms: offered } = await connection.ask(saslHandshake(mechanismNames[mechanism]));
  if (error === errorCodes.mechanismUnknown) throw mechanismMissing(mechanism, offered);
  expectNoError(error);
  const exchange = async (message: string): Promise<string> => {
    const answer = await connection.ask(saslAuthenticate(Buffer.from(message)));
    expectNoError(answer.error);
    return answer.message.toString();
  };
  switch (mechanism) {
    case "plain":
      await exchange(`\0${login.username}\0${login.password.reveal()}`); // RFC 4616, section 2.
      return;
    case "oauthbearer": {
      const failure = await exchange(`n,,\x01auth=Bearer ${login.token.reveal()}\x01\x01`); // RFC 7628, section 3.1.
      if (failure !== "") throw serverError(["authentication", "token refused"]);
      return;
    }
    default:
      await scram(mechanism === "scram-sha-256" ? "sha256" : "sha512", login, exchange, () => connection.foreign());
  }
}

/** Says what to give instead, if that is something the check knows. */
function mechanismMissing(wanted: Mechanism, offered: readonly string[]): Error {
  const known = mechanisms.filter((mechanism) => offered.includes(mechanismNames[mechanism]));
  const instead = known.length === 0 ? "" : `: give mechanism: ${known.join(" or ")}`;
  return serverError(["authentication", `the broker does not know the mechanism ${wanted}${instead}`]);
}
