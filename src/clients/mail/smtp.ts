import type { Secret } from "../../health/secret.ts";
import type { LineConversation, Reply } from "../../net/line-conversation.ts";
import { type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";
import type { Protection } from "../../net/starttls/protection.ts";
import type { VisitedProtocol } from "../../net/starttls/server-visits.ts";

export const smtp: VisitedProtocol = { name: "SMTP", port: 25, tlsPort: 465, farewell: "QUIT" };

/** How to introduce oneself, and to log in, if there is a user to log in as. */
export interface SmtpGuest {
  readonly clientName: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
}

/** What the server can do besides, by keyword in upper case, each with its parameters. */
type Extensions = ReadonlyMap<string, readonly string[]>;

/**
 * Introduces itself to a server of mail (RFC 5321), turns to TLS (RFC 3207) and logs in (RFC 4954). No mail is sent.
 * @throws HealthCheckError when the server does not let us
 */
export async function visitSmtp(
  conversation: LineConversation,
  protection: Protection,
  guest: SmtpGuest,
): Promise<void> {
  const greeting = await conversation.readReply();
  if (greeting.code === 554) throw serverError(["unavailable", "the server takes no mail from this address (554)"]);
  expectCode(greeting, 220, "a new connection");
  let extensions = await hello(conversation, guest);
  if (protection.isWanted(extensions.has("STARTTLS"))) {
    expectCode(await ask(conversation, "STARTTLS"), 220, "STARTTLS");
    await protection.start(conversation);
    extensions = await hello(conversation, guest); // What was said in the open does not count (RFC 3207, section 4.2).
  }
  const { username, password } = guest;
  if (username === undefined || password === undefined) return;
  protection.beforePassword();
  await logIn(conversation, extensions.get("AUTH") ?? [], username, password);
}

async function hello(conversation: LineConversation, { clientName }: SmtpGuest): Promise<Extensions> {
  const reply = await ask(conversation, `EHLO ${clientName}`);
  expectCode(reply, 250, "EHLO");
  const words = reply.lines.slice(1).map((line) => line.trim().toUpperCase().split(/\s+/));
  return new Map(words.map(([keyword = "", ...parameters]) => [keyword, parameters]));
}

async function logIn(
  conversation: LineConversation,
  mechanisms: readonly string[],
  username: string,
  password: Secret,
): Promise<void> {
  if (mechanisms.includes("PLAIN")) {
    expectLogin(await ask(conversation, `AUTH PLAIN ${base64(`\0${username}\0${password.reveal()}`)}`), 235);
  } else if (mechanisms.includes("LOGIN")) {
    expectLogin(await ask(conversation, "AUTH LOGIN"), 334);
    expectLogin(await ask(conversation, base64(username)), 334);
    expectLogin(await ask(conversation, base64(password.reveal())), 235);
  } else {
    const offers = mechanisms.length === 0 ? "no login here" : "no login by PLAIN or LOGIN";
    throw serverError(["authentication", `the server offers ${offers}`]);
  }
}

function ask(conversation: LineConversation, command: string): Promise<Reply> {
  conversation.sendLine(command);
  return conversation.readReply();
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function expectLogin({ code }: Reply, wanted: number): void {
  if (code === wanted) return;
  if (code === 530 || code === 538) throw serverError(["tls", "the server asks for TLS before the login"]);
  throw serverError(temporary(code) ?? knownErrors.loginRefused);
}

function expectCode({ code }: Reply, wanted: number, to: string): void {
  if (code === wanted) return;
  throw serverError(temporary(code) ?? ["unexpected_result", `the server answers ${to} with ${code}`]);
}

/** What may be otherwise in a while (RFC 5321, section 4.2.1). */
function temporary(code: number): KnownError | undefined {
  if (code === 421) return ["unavailable", "the server closes the connection: it is stopping or has no room (421)"];
  return code >= 400 && code < 500 ? ["unavailable", `the server cannot serve us at present (${code})`] : undefined;
}
