import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { Secret } from "../../health/secret.ts";
import { serverError } from "../../net/server-errors.ts";

/** What Kafka sets as the minimum (RFC 7677, section 4), and far more than it lets anybody set: they keep a processor busy. */
const iterationBounds = { min: 4096, max: 100_000 };

/** What the broker's first message asks for. */
interface Challenge {
  readonly nonce: string;
  readonly salt: Buffer;
  readonly iterations: number;
}

/** Sends a message, and gives the broker's answer. */
export type Exchange = (message: string) => Promise<string>;

/**
 * Logs in by SCRAM without channel binding (RFC 5802), as Kafka does: the password as it is, without SASLprep.
 * @param hash as Node.js calls it: `sha256`
 * @param foreign makes the error for an answer that is none
 * @param nonce ours, in printable characters without a comma
 * @throws HealthCheckError when the broker cannot be trusted, and whatever `exchange` throws
 */
export async function scram(
  hash: "sha256" | "sha512",
  { username, password }: { readonly username: string; readonly password: Secret },
  exchange: Exchange,
  foreign: () => Error,
  nonce: string = randomBytes(18).toString("base64"),
): Promise<void> {
  const first = `n=${username.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${nonce}`;
  const answer = await exchange(`n,,${first}`);
  const challenge = readChallenge(answer, nonce);
  if (challenge === undefined) throw foreign();
  const { salt, iterations } = challenge;
  const { min, max } = iterationBounds;
  if (iterations < min || iterations > max) {
    throw serverError(["unexpected_result", `the broker asks for ${iterations} iterations, expected ${min} to ${max}`]);
  }
  const length = hash === "sha256" ? 32 : 64;
  const salted = await promisify(pbkdf2)(password.reveal(), salt, iterations, length, hash);
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  const final = `c=biws,r=${challenge.nonce}`; // "n,," in base64.
  const signed = `${first},${answer},${final}`;
  const clientKey = hmac(salted, "Client Key");
  const signature = hmac(createHash(hash).update(clientKey).digest(), signed);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
  const [, verifier = ""] = /^v=([\w+/=]+)/.exec(await exchange(`${final},p=${proof.toString("base64")}`)) ?? [];
  const expected = hmac(hmac(salted, "Server Key"), signed);
  const received = Buffer.from(verifier, "base64");
  if (received.length === expected.length && timingSafeEqual(received, expected)) return;
  throw serverError(["authentication", "the broker does not know the password: it may be another than it should be"]);
}

/** Undefined when it is none: also when the nonce does not begin with ours (RFC 5802, section 5.1). */
function readChallenge(message: string, ours: string): Challenge | undefined {
  const [, nonce = "", salt = "", digits = ""] = /^r=([!-+\--~]+),s=([\w+/=]+),i=(\d{1,9})(?:,|$)/.exec(message) ?? [];
  const iterations = Number(digits);
  const isSound = nonce.startsWith(ours) && nonce.length > ours.length;
  return isSound ? { nonce, salt: Buffer.from(salt, "base64"), iterations } : undefined;
}
