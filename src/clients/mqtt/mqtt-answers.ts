import type { FramedConversation } from "../../net/framed-conversation.ts";
import { type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";

const wrongVersion: KnownError = ["unexpected_result", "the broker does not speak version 3.1.1 of MQTT"];

/** Why a broker does not let a client in (MQTT 3.1.1, section 3.2.2.3), besides a wrong login. */
const refusals: Readonly<Record<number, KnownError>> = {
  1: wrongVersion,
  2: ["authentication", "the broker refuses the client identifier: give a clientId that it allows"],
  3: ["unavailable", "the broker says that it is unavailable"],
  // Of MQTT 5 (section 3.2.2.2), from a broker that speaks nothing else.
  132: wrongVersion,
};

/** Both say that the login is refused; which of them comes depends on the broker. */
const loginRefusals = [4, 5];

/** @throws HealthCheckError when the broker does not let us in */
export function expectConnected(answer: Buffer, hasLogin: boolean, conversation: FramedConversation): void {
  const [flags = 0, code] = answer;
  if (code === undefined || flags > 1) throw conversation.foreign();
  if (code === 0 && answer.length === 2) return;
  if (loginRefusals.includes(code)) {
    throw serverError(hasLogin ? knownErrors.loginRefused : knownErrors.passwordRequired);
  }
  const known = refusals[code];
  throw known === undefined ? conversation.foreign() : serverError(known);
}

/** The only answer in which a broker says that it does not take a subscription (section 3.9.3). */
const subscriptionFailed = 0x80;

/** @throws HealthCheckError when the broker does not take the subscription */
export function expectSubscribed(answer: Buffer, conversation: FramedConversation): void {
  const [, number, code] = answer;
  if (answer.length !== 3 || number !== 1) throw conversation.foreign();
  if (code === subscriptionFailed) throw serverError(knownErrors.permissionMissing("the subscription"));
  if (code !== 0) throw conversation.foreign();
}
