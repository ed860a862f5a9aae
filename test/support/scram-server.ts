import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** The server's part of SCRAM (RFC 5802), for alice with the password "right": what it answers to each message. */
export function scramServer(hash: "sha256" | "sha512", iterations: number) {
  const salt = randomBytes(16);
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  const salted = pbkdf2Sync("right", salt, iterations, hash === "sha256" ? 32 : 64, hash);
  const clientKey = hmac(salted, "Client Key");
  const said: string[] = [];
  let nonce = "";
  return (message: string) => {
    const [, user, theirs = ""] = /^n,[^,]*,n=([^,]*),r=(.+)$/.exec(message) ?? [];
    if (said.length === 0) {
      nonce = `${theirs}${randomBytes(12).toString("base64")}`;
      const challenge = `r=${nonce},s=${salt.toString("base64")},i=${iterations}`;
      said.push(message.replace(/^n,[^,]*,/, ""), challenge);
      return { token: challenge, isDone: false, isRight: user === "alice" };
    }
    const [, final = "", proof = ""] = /^(.+),p=(.+)$/.exec(message) ?? [];
    const signed = [...said, final].join(",");
    const signature = hmac(createHash(hash).update(clientKey).digest(), signed);
    const expected = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))).toString("base64");
    // librdkafka before 2.6 says its own part of the nonce twice, which Kafka did not mind before CVE-2024-56128.
    const isRight = final.endsWith(nonce) && proof === expected;
    const token = isRight ? `v=${hmac(hmac(salted, "Server Key"), signed).toString("base64")}` : "";
    return { token, isDone: true, isRight };
  };
}
