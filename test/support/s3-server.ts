import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerOptions } from "node:https";
import { type HttpTarget, startHttpTarget } from "./http-target.ts";

/** A key that the server knows, and what its user may do. */
export interface S3Key {
  readonly id: string;
  readonly secret: string;
  readonly token?: string;
  /** Such as `s3:ListBucket`, as in a policy of IAM. */
  readonly actions: readonly string[];
}

/** How the server is. */
export interface S3Options {
  readonly region?: string;
  readonly buckets: readonly string[];
  readonly keys: readonly S3Key[];
  /** The server's own clock, in milliseconds since the epoch. */
  readonly now?: () => number;
  /** May answer in place of the server, and then returns true. The signature is not looked at before. */
  readonly instead?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** A server of S3 that lives as long as a test. */
export interface S3Server extends HttpTarget {
  /** What it stores, by `BUCKET/KEY`. */
  readonly objects: Map<string, string>;
}

const maxClockDifference = 15 * 60_000;

/**
 * Starts a server of S3 that checks signatures as AWS describes it ("Signature Version 4"), by the bytes of the request: it shares no code
 * with what is tested. Its answers are those of AWS, of November 2026; what MinIO and Ceph answer to the same differs only in texts
 * that nobody reads. It knows buckets in the path, and in front of `localhost`.
 */
export async function startS3(options: S3Options, tls?: ServerOptions): Promise<S3Server> {
  const objects = new Map<string, string>();
  const target = await startHttpTarget((request, response) => {
    if (options.instead?.(request, response) === true) return;
    const body = target.requests.at(-1)?.body ?? "";
    const failure = refusal(request, body, options) ?? serve(request, response, body, options, objects);
    if (failure !== undefined) refuse(response, failure);
  }, tls);
  return Object.assign(target, { objects });
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly more?: string;
}

function refuse(response: ServerResponse, { status, code, more = "" }: Refusal): void {
  response.writeHead(status, { "Content-Type": "application/xml" });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>x</Message>${more}</Error>`,
  );
}

/** What is wrong with the signature of a request. */
function refusal(request: IncomingMessage, body: string, options: S3Options): Refusal | undefined {
  const { region = "us-east-1", keys, now = Date.now } = options;
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, id, day = "", signedRegion, names = "", signature = ""] =
    form.exec(request.headers.authorization ?? "") ?? [];
  const key = keys.find((one) => one.id === id);
  const moment = headerOf(request, "x-amz-date");
  const at = Date.parse(moment.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (id === undefined) return { status: 403, code: "AccessDenied" };
  if (key === undefined) return { status: 403, code: "InvalidAccessKeyId" };
  if (signedRegion !== region) {
    return { status: 400, code: "AuthorizationHeaderMalformed", more: `<Region>${region}</Region>` };
  }
  if (!moment.startsWith(day) || !(Math.abs(now() - at) <= maxClockDifference)) {
    return { status: 403, code: "RequestTimeTooSkewed" };
  }
  if ((key.token ?? "") !== headerOf(request, "x-amz-security-token")) return { status: 400, code: "InvalidToken" };
  const hash = createHash("sha256").update(body).digest("hex");
  if (headerOf(request, "x-amz-content-sha256") !== hash) return { status: 400, code: "XAmzContentSHA256Mismatch" };
  // All that is said of the object, and whatever AWS has named, must be signed.
  const signed = names.split(";");
  const mustBeSigned = Object.keys(request.headers).filter((name) => name === "host" || name.startsWith("x-amz-"));
  if (mustBeSigned.some((name) => !signed.includes(name))) return { status: 403, code: "AccessDenied" };
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const canonical = `${request.method}\n${path}\n${query.split("&").sort().join("&")}\n${signed
    .map((name) => `${name}:${headerOf(request, name)}\n`)
    .join("")}\n${names}\n${hash}`;
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${moment}\n${scope}\n${createHash("sha256").update(canonical).digest("hex")}`;
  const keyOfDay = hmac(`AWS4${key.secret}`, day);
  const expected = hmac(hmac(hmac(hmac(keyOfDay, region), "s3"), "aws4_request"), text);
  if (!timingSafeEqual(expected, Buffer.from(signature, "hex"))) return { status: 403, code: "SignatureDoesNotMatch" };
  return key.actions.includes(actionOf(request)) ? undefined : { status: 403, code: "AccessDenied" };
}

function serve(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  { buckets }: S3Options,
  objects: Map<string, string>,
): Refusal | undefined {
  const place = placeOf(request);
  const [bucket = ""] = place.split("/");
  if (!buckets.includes(bucket)) return { status: 404, code: "NoSuchBucket" };
  switch (actionOf(request)) {
    case "s3:ListBucket":
      response.writeHead(200, { "Content-Type": "application/xml" });
      response.end(
        '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><KeyCount>0</KeyCount></ListBucketResult>',
      );
      return undefined;
    case "s3:PutObject":
      objects.set(place, body);
      response.writeHead(200, { ETag: '"x"' }).end();
      return undefined;
    case "s3:DeleteObject":
      objects.delete(place);
      response.writeHead(204).end();
      return undefined;
    default: {
      const text = objects.get(place);
      if (text === undefined) return { status: 404, code: "NoSuchKey" };
      response.end(text);
      return undefined;
    }
  }
}

/** `BUCKET/KEY` */
function placeOf(request: IncomingMessage): string {
  const [path = ""] = (request.url ?? "").split("?");
  const inHost = /^(.+)\.localhost(?::\d+)?$/.exec(headerOf(request, "host"))?.[1];
  return `${inHost === undefined ? "" : `${inHost}/`}${decodeURIComponent(path.slice(1))}`;
}

function actionOf(request: IncomingMessage): string {
  if (request.method === "PUT") return "s3:PutObject";
  if (request.method === "DELETE") return "s3:DeleteObject";
  return request.url?.includes("list-type=2") === true ? "s3:ListBucket" : "s3:GetObject";
}

function headerOf(request: IncomingMessage, name: string): string {
  return request.headers[name]?.toString() ?? "";
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
