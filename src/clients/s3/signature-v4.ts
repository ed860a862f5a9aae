import { createHash, createHmac } from "node:crypto";
import { Secret } from "../../health/secret.ts";

/** Who asks. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** Goes with temporary keys. */
  readonly sessionToken?: Secret | undefined;
}

/** What is asked. */
export interface UnsignedRequest {
  readonly method: string;
  /** Its path and query are encoded as {@link encodeS3} does. */
  readonly url: URL;
  /** More headers that are sent and signed, by their names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/**
 * The headers by which a request to S3 is signed, without `Host` (AWS, "Signature Version 4": "Create a signed request").
 * @param at which the servers compare with their own clocks
 */
export function signatureHeaders(
  request: UnsignedRequest,
  credentials: S3Credentials,
  region: string,
  at: Date,
): Record<string, Secret> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const moment = at.toISOString().replaceAll(/[:-]|\.\d+/g, "");
  const scope = `${moment.slice(0, 8)}/${region}/s3/aws4_request`;
  const contentHash = hashOf(request.body ?? "");
  const signed: Record<string, string> = {
    "x-amz-content-sha256": contentHash,
    "x-amz-date": moment,
    ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken.reveal() }),
    ...request.headers,
  };
  const all = Object.entries({ ...signed, host: request.url.host }).sort(byText);
  const names = all.map(([name]) => name).join(";");
  const canonicalRequest = [
    request.method,
    request.url.pathname,
    canonicalQuery(request.url),
    ...all.map(([name, value]) => `${name}:${value.trim()}`),
    "",
    names,
    contentHash,
  ].join("\n");
  const key = [...scope.split("/")].reduce<string | Buffer>(mac, `AWS4${secretAccessKey.reveal()}`);
  const signature = mac(key, ["AWS4-HMAC-SHA256", moment, scope, hashOf(canonicalRequest)].join("\n")).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`;
  return Object.fromEntries(
    Object.entries({ ...signed, authorization }).map(([name, value]) => [name, new Secret(value)]),
  );
}

/** Encodes a name or a value as S3 does before it compares signatures: more strictly than `encodeURIComponent`. */
export function encodeS3(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function canonicalQuery({ searchParams }: URL): string {
  const parts = [...searchParams].map(([name, value]): [string, string] => [encodeS3(name), encodeS3(value)]);
  return parts
    .sort(byText)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** By code points, whatever the language of the system. */
function byText([one, value]: readonly [string, string], [other, otherValue]: readonly [string, string]): number {
  const [first, second] = one === other ? [value, otherValue] : [one, other];
  return first < second ? -1 : 1;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function mac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
