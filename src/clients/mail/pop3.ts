import type { Secret } from "../../health/secret.ts";
import type { LineConversation } from "../../net/line-conversation.ts";
import { type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";
import type { Protection } from "../../net/starttls/protection.ts";
import type { VisitedProtocol } from "../../net/starttls/server-visits.ts";

export const pop3: VisitedProtocol = { name: "POP3", port: 110, tlsPort: 995, farewell: "QUIT" };

/** Whom to log in as, if as anybody. */
export interface Pop3Guest {
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
}

/** The response codes that say why a login failed (RFC 2449, section 8; RFC 3206). */
const knownCodes: readonly (readonly [RegExp, KnownError])[] = [
  [/^-ERR \[IN-USE\]/i, ["unavailable", "the mailbox is in use by another client"]],
  [/^-ERR \[LOGIN-DELAY\]/i, ["unavailable", "the server wants longer times between logins: make the interval longer"]],
  [/^-ERR \[SYS\//i, ["unavailable", "the server cannot serve the user at present"]],
];

/**
 * Greets a server of POP3 (RFC 1939), turns to TLS (RFC 2595), logs in, and asks how full the mailbox is.
 * @returns how many messages are in the mailbox; undefined when nobody logs in
 * @throws HealthCheckError when the server does not let us
 */
export async function visitPop3(
  conversation: LineConversation,
  protection: Protection,
  { username, password }: Pop3Guest,
): Promise<number | undefined> {
  const closing: KnownError = ["unavailable", "the server does not let us in: it is stopping, or refuses this address"];
  expectOk(conversation, await conversation.readLine(), closing);
  const offered = await capabilities(conversation);
  if (protection.isWanted(offered.has("STLS"))) {
    await ask(conversation, "STLS", ["unavailable", "the server declines to begin TLS at present"]);
    await protection.start(conversation);
  }
  if (username === undefined || password === undefined) return undefined;
  protection.beforePassword();
  await ask(conversation, `USER ${username}`, ["authentication", "the server offers no login here"]);
  await ask(conversation, `PASS ${password.reveal()}`, knownErrors.loginRefused);
  const status = await ask(conversation, "STAT", ["unavailable", "the server cannot open the mailbox"]);
  const count = /^\+OK (\d+) \d+/i.exec(status)?.[1];
  if (count === undefined) throw conversation.foreign();
  return Number(count);
}

/** A server that does not know the question has none (RFC 2449, section 5). */
async function capabilities(conversation: LineConversation): Promise<ReadonlySet<string>> {
  conversation.sendLine("CAPA");
  const first = await conversation.readLine();
  const found = new Set<string>();
  if (/^-ERR\b/i.test(first)) return found;
  if (!isOk(first)) throw conversation.foreign();
  for (;;) {
    const line = await conversation.readLine();
    if (line === ".") return found;
    found.add(line.toUpperCase());
  }
}

async function ask(conversation: LineConversation, command: string, otherwise: KnownError): Promise<string> {
  conversation.sendLine(command);
  const answer = await conversation.readLine();
  expectOk(conversation, answer, otherwise);
  return answer;
}

/** @param otherwise what -ERR means, when no code says more */
function expectOk(conversation: LineConversation, answer: string, otherwise: KnownError): void {
  if (isOk(answer)) return;
  if (!/^-ERR\b/i.test(answer)) throw conversation.foreign();
  throw serverError(knownCodes.find(([pattern]) => pattern.test(answer))?.[1] ?? otherwise);
}

function isOk(answer: string): boolean {
  return /^\+OK\b/i.test(answer);
}
