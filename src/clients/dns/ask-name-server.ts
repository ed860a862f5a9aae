import { randomInt } from "node:crypto";
import { HealthCheckError, ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../../health/errors.ts";
import { ownShortage, systemError } from "../../health/system-error.ts";
import { askOverTcp } from "./ask-over-tcp.ts";
import { askOverUdp } from "./ask-over-udp.ts";
import { answerTo, type DnsAnswer } from "./dns-answer.ts";
import { responseFailure } from "./dns-failure.ts";
import { type DnsMessage, type DnsQuestion, writeQuestion } from "./dns-message.ts";
import { MalformedMessageError } from "./message-reader.ts";
import type { NameServer } from "./name-server.ts";
import { responseCodes } from "./response-codes.ts";

type DnsTransport = "udp" | "tcp";

/** An answer, and how it came. */
export type TransportedAnswer = DnsAnswer & { readonly transport: DnsTransport };

/**
 * Asks one name server: by a datagram, and again over TCP when the answer is too long for one (RFC 7766, section 5); once more
 * without EDNS if the server does not understand that (RFC 6891, section 7).
 * @param called what the server is called in a sentence
 * @param passOver is told of each datagram that is no answer to the question
 * @throws HealthCheckError, what the system says, MalformedMessageError, or the reason of the signal
 */
export async function askNameServer(
  server: NameServer,
  called: string,
  question: DnsQuestion,
  signal: AbortSignal,
  passOver: () => void,
): Promise<TransportedAnswer> {
  let transport: DnsTransport = "udp";
  const ask = async (edns: boolean): Promise<DnsMessage> => {
    const bytes = writeQuestion(randomInt(2 ** 16), question, edns);
    transport = "udp";
    const answer = await askOverUdp(server, bytes, signal, passOver);
    if (!answer.isTruncated) return answer;
    transport = "tcp";
    return overTcp(server, called, bytes, signal);
  };
  const asked = await ask(true);
  // Without EDNS, nobody could say whether the answer is authenticated.
  const answer = asked.code === responseCodes.formatError && !question.dnssec ? await ask(false) : asked;
  if (answer.code === responseCodes.noError || answer.code === responseCodes.nameError)
    return { ...answerTo(question, answer), transport };
  throw responseFailure(answer.code, answer.extendedError, called);
}

async function overTcp(server: NameServer, called: string, question: Buffer, signal: AbortSignal): Promise<DnsMessage> {
  try {
    return await askOverTcp(server, question, signal);
  } catch (error) {
    const failure = error instanceof HealthCheckError ? error : systemError(error);
    if (failure === undefined || ownShortage(error) !== undefined) throw error;
    const message = `the answer of ${called} is too long for a datagram, and over TCP: ${failure.message}`;
    throw new ServiceUnavailable(message, { reason: failure.reason, cause: error });
  }
}

/** Says what a question to a name server failed with: its own fault, or that of the way to it. */
export function serverFailure(error: unknown, called: string): unknown {
  if (error instanceof HealthCheckError) return error;
  if (error instanceof MalformedMessageError) {
    return new ServiceReturnedUnexpectedResult(`the answer of ${called} is not valid`, { reason: "dns", cause: error });
  }
  const known = ownShortage(error) === undefined ? systemError(error) : undefined;
  if (known === undefined) return error;
  const message =
    known.reason === "connection_refused" ? `${called} refused the connection` : `${called}: ${known.message}`;
  return new ServiceUnavailable(message, { reason: known.reason, cause: error });
}
