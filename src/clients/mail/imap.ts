import { ServiceUnavailable } from "../../health/errors.ts";
import type { Secret } from "../../health/secret.ts";
import type { LineConversation } from "../../net/line-conversation.ts";
import { type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";
import type { Protection } from "../../net/starttls/protection.ts";
import type { VisitedProtocol } from "../../net/starttls/server-visits.ts";

export const imap: VisitedProtocol = { name: "IMAP", port: 143, tlsPort: 993, farewell: "z LOGOUT" };

/** Whom to log in as, if as anybody, and which folder to open then. */
export interface ImapGuest {
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly folder: string;
}

/** How a command ended: what stands behind the word that says so, and what came before. */
interface Completion {
  readonly word: "OK" | "NO" | "BAD";
  readonly text: string;
  /** The answers without a tag, without their `* `. */
  readonly untagged: readonly string[];
}

/** The response codes that say why a command failed (RFC 9051, section 7.1; RFC 5530). */
const knownCodes: readonly (readonly [RegExp, KnownError])[] = [
  [/^\[(?:AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED)\b/, knownErrors.loginRefused],
  [/^\[PRIVACYREQUIRED\b/, ["tls", "the server asks for TLS before the login"]],
  [/^\[(?:UNAVAILABLE|INUSE|SERVERBUG|CORRUPTION)\b/, ["unavailable", "the server cannot serve the user at present"]],
  [/^\[(?:LIMIT|OVERQUOTA)\b/, ["unavailable", "a limit of the server is reached"]],
];

/**
 * Greets a server of IMAP (RFC 9051; what is asked for, IMAP4rev1 has too), turns to TLS, logs in, and opens a folder without
 * a change to it.
 * @returns how many messages are in the folder; undefined when nobody logs in
 * @throws HealthCheckError when the server does not let us
 */
export async function visitImap(
  conversation: LineConversation,
  protection: Protection,
  { username, password, folder }: ImapGuest,
): Promise<number | undefined> {
  const session = new ImapSession(conversation);
  await session.expectGreeting();
  let capabilities = await session.capabilities();
  if (protection.isWanted(capabilities.has("STARTTLS"))) {
    await session.expect("STARTTLS", ["unavailable", "the server declines to begin TLS at present"]);
    await protection.start(conversation);
    capabilities = await session.capabilities(); // What was said in the open does not count (RFC 9051, section 6.2.1).
  }
  if (username === undefined || password === undefined) return undefined;
  protection.beforePassword();
  await session.logIn(capabilities, username, password);
  return await session.examine(folder);
}

class ImapSession {
  readonly #conversation: LineConversation;
  #commands = 0;

  constructor(conversation: LineConversation) {
    this.#conversation = conversation;
  }

  async expectGreeting(): Promise<void> {
    const greeting = await this.#conversation.readLine();
    if (/^\* BYE\b/i.test(greeting)) throw goodbye();
    if (!/^\* (?:OK|PREAUTH)\b/i.test(greeting)) throw this.#conversation.foreign();
  }

  async capabilities(): Promise<ReadonlySet<string>> {
    const { word, untagged } = await this.#ask("CAPABILITY");
    const line = untagged.find((text) => /^CAPABILITY /i.test(text));
    if (word !== "OK" || line === undefined) throw this.#conversation.foreign();
    return new Set(line.toUpperCase().split(" ").slice(1));
  }

  async logIn(capabilities: ReadonlySet<string>, username: string, password: Secret): Promise<void> {
    if (capabilities.has("AUTH=PLAIN")) {
      const answer = Buffer.from(`\0${username}\0${password.reveal()}`).toString("base64");
      await this.expect("AUTHENTICATE PLAIN", knownErrors.loginRefused, answer);
    } else if (capabilities.has("LOGINDISABLED")) {
      throw serverError(["authentication", "the server offers no login here"]);
    } else {
      await this.expect(`LOGIN ${quoted(username)} ${quoted(password.reveal())}`, knownErrors.loginRefused);
    }
  }

  /** EXAMINE: as SELECT, but read-only. With SELECT, messages would no longer be recent. */
  async examine(folder: string): Promise<number> {
    const completion = await this.#ask(`EXAMINE ${quoted(folder)}`);
    if (/^\[NOPERM\b/i.test(completion.text)) {
      throw serverError(knownErrors.permissionMissing(`the folder ${folder}`));
    }
    this.#expectOk(completion, ["assertion", `the user has no folder ${folder}`]);
    const count = completion.untagged.map((line) => /^(\d+) EXISTS$/i.exec(line)?.[1]).find((one) => one !== undefined);
    if (count === undefined) throw this.#conversation.foreign();
    return Number(count);
  }

  /**
   * @param otherwise what NO means, when no code says more
   * @param continuation what is sent when the server asks for more
   */
  async expect(command: string, otherwise: KnownError, continuation?: string): Promise<void> {
    this.#expectOk(await this.#ask(command, continuation), otherwise);
  }

  #expectOk({ word, text }: Completion, otherwise: KnownError): void {
    if (word === "OK") return;
    const known = knownCodes.find(([pattern]) => pattern.test(text.toUpperCase()))?.[1];
    if (known === undefined && word === "BAD") throw this.#conversation.foreign();
    throw serverError(known ?? otherwise);
  }

  async #ask(command: string, continuation?: string): Promise<Completion> {
    this.#commands += 1;
    const tag = `a${this.#commands}`;
    this.#conversation.sendLine(`${tag} ${command}`);
    const untagged: string[] = [];
    for (;;) {
      const line = await this.#readLine();
      const [, word, text = ""] = new RegExp(`^${tag} (OK|NO|BAD)(?: (.*))?$`, "is").exec(line) ?? [];
      if (word !== undefined) return { word: word.toUpperCase() as Completion["word"], text, untagged };
      if (/^\* BYE\b/i.test(line)) throw goodbye();
      if (line.startsWith("* ")) untagged.push(line.slice(2));
      else if (line.startsWith("+") && continuation !== undefined) this.#conversation.sendLine(continuation);
      else throw this.#conversation.foreign();
    }
  }

  /** A line may have pieces of a given length in it: `{12}`, the end of the line, and twelve bytes (RFC 9051, section 4.3). */
  async #readLine(): Promise<string> {
    const line = await this.#conversation.readLine();
    const length = /\{(\d{1,9})\}$/.exec(line)?.[1];
    if (length === undefined) return line;
    await this.#conversation.readFrame(() => Number(length));
    return line + (await this.#readLine());
  }
}

function goodbye(): ServiceUnavailable {
  return new ServiceUnavailable("the server closes the connection: it is stopping, or does not let this address in");
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
