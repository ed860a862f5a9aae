import type { Secret } from "../../health/secret.ts";
import type { LineConversation, Reply } from "../../net/line-conversation.ts";
import { type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";
import type { Protection } from "../../net/starttls/protection.ts";
import type { VisitedProtocol } from "../../net/starttls/server-visits.ts";

export const ftp: VisitedProtocol = { name: "FTP", port: 21, tlsPort: 990, farewell: "QUIT" };

/** The user whom many servers let in with any password. */
export const anonymous = "anonymous";

/** Whom to log in as, and which folder to enter then. */
export interface FtpGuest {
  readonly username: string;
  readonly password?: Secret | undefined;
  readonly folder?: string | undefined;
}

/**
 * Greets a server of FTP (RFC 959), turns to TLS (RFC 4217), logs in, and enters a folder. No connection for data is opened.
 * @throws HealthCheckError when the server does not let us
 */
export async function visitFtp(conversation: LineConversation, protection: Protection, guest: FtpGuest): Promise<void> {
  const greeting = await conversation.readReply();
  if (greeting.code === 120) throw serverError(["unavailable", "the server is not ready yet (120)"]);
  expectCode(greeting, 220, "a new connection");
  if (protection.isNegotiated) await negotiate(conversation, protection);
  await logIn(conversation, protection, guest);
  const { folder } = guest;
  if (folder === undefined) return;
  const reply = await ask(conversation, `CWD ${folder}`);
  if (reply.code === 550) {
    throw serverError(["assertion", `there is no folder ${folder}, or the user may not enter it`]);
  }
  expectCode(reply, 250, "CWD");
}

async function negotiate(conversation: LineConversation, protection: Protection): Promise<void> {
  const { code } = await ask(conversation, "AUTH TLS");
  const busy = temporary(code);
  if (busy !== undefined) throw serverError(busy);
  if (protection.isWanted(code === 234)) await protection.start(conversation);
}

async function logIn(conversation: LineConversation, protection: Protection, guest: FtpGuest): Promise<void> {
  const { username, password } = guest;
  if (password !== undefined) protection.beforePassword();
  const user = await ask(conversation, `USER ${username}`);
  if (user.code === 230) return; // Without a password.
  if (user.code !== 331) throw loginFailure(user);
  // RFC 1635: who is anonymous gives an address of mail.
  const given = password?.reveal() ?? (username === anonymous ? "healthspan@" : undefined);
  if (given === undefined) throw serverError(knownErrors.passwordRequired);
  const pass = await ask(conversation, `PASS ${given}`);
  if (pass.code !== 230) throw loginFailure(pass);
}

function loginFailure({ code }: Reply): Error {
  // RFC 4217, section 12, and what servers say that want TLS first.
  if (code === 522 || code === 534) return serverError(["tls", "the server asks for TLS before the login"]);
  // 530 is not logged in, 332 wants another word besides. With the rest, such as 500, a server complains of itself.
  if (code === 530 || code === 332) return serverError(knownErrors.loginRefused);
  return serverError(temporary(code) ?? ["unavailable", `the server can let nobody in (${code})`]);
}

function ask(conversation: LineConversation, command: string): Promise<Reply> {
  conversation.sendLine(command);
  return conversation.readReply();
}

function expectCode({ code }: Reply, wanted: number, to: string): void {
  if (code === wanted) return;
  throw serverError(temporary(code) ?? ["unexpected_result", `the server answers ${to} with ${code}`]);
}

/** What may be otherwise in a while (RFC 959, section 4.2). */
function temporary(code: number): KnownError | undefined {
  if (code === 421) return ["unavailable", "the server closes the connection: it is stopping or has no room (421)"];
  return code >= 400 && code < 500 ? ["unavailable", `the server cannot serve us at present (${code})`] : undefined;
}
