import { type HealthCheckError, ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { foreignProtocol, type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";
import type { HttpReply } from "../http/http-question.ts";

const tokenRefused: KnownError = [
  "authentication",
  "the session token has expired, or is another key's: give new temporary keys",
];
const noRoom: KnownError = ["unavailable", "the server has no room left for objects"];
const tooManyRequests: KnownError = ["unavailable", "the server has too many requests"];

/** What the codes mean with which S3 answers (AWS, "Error responses"), and MinIO, Ceph and R2 where they have others. */
const knownCodes: Readonly<Record<string, KnownError>> = {
  InvalidAccessKeyId: ["authentication", "the server does not know the access key: check accessKeyId"],
  SignatureDoesNotMatch: ["authentication", "the signature is wrong: check secretAccessKey"],
  Unauthorized: ["authentication", "the server refuses the access key: check accessKeyId and secretAccessKey"],
  ExpiredToken: tokenRefused,
  InvalidToken: tokenRefused,
  TokenRefreshRequired: tokenRefused,
  NoSuchBucket: ["unavailable", "the server has no bucket of that name"],
  SlowDown: tooManyRequests,
  TooManyRequests: tooManyRequests,
  QuotaExceeded: noRoom,
  XMinioStorageFull: noRoom,
  InsufficientStorage: noRoom,
};

/** A bucket is asked in another region than its own, or at the endpoint of one. */
const regionCodes: ReadonlySet<string> = new Set([
  "PermanentRedirect",
  "TemporaryRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
]);

/**
 * Says what an answer of S3 means that is not the wanted one. Its texts are not repeated, they quote the request.
 * @param action that the keys need the permission for, such as `s3:ListBucket`
 * @param now milliseconds since the epoch
 */
export function s3Failure({ status, headers, text }: HttpReply, action: string, now: number): HealthCheckError {
  const code = /<Code>([A-Za-z][\w.]{0,60})<\/Code>/.exec(text)?.[1];
  if (code === undefined) {
    if (status < 500) return foreignProtocol("S3");
    return serverError(["unavailable", `the server answered with status ${status}`]);
  }
  const known = knownCodes[code];
  if (known !== undefined) return serverError(known);
  if (regionCodes.has(code)) return otherRegion(headers["x-amz-bucket-region"] ?? /<Region>([^<]*)</.exec(text)?.[1]);
  if (code === "AccessDenied" || code === "AllAccessDisabled") {
    return serverError(knownErrors.permissionMissing(action));
  }
  if (code === "RequestTimeTooSkewed") return clocksDiffer(headers.date, now);
  if (code === "NoSuchKey") {
    return new ServiceReturnedUnexpectedResult("the object that was written is not there", { reason: "assertion" });
  }
  return serverError([status >= 500 ? "unavailable" : "unexpected_result", `the server answered with ${code}`]);
}

function otherRegion(region: string | string[] | undefined): HealthCheckError {
  const isName = typeof region === "string" && /^[\w-]{1,40}$/.test(region);
  const where = isName ? `in the region ${region}` : "in another region";
  return serverError(["unexpected_result", `the bucket is ${where}: give that as region, and url for it`]);
}

function clocksDiffer(date: string | undefined, now: number): HealthCheckError {
  const minutes = Math.round((now - Date.parse(date ?? "")) / 60_000);
  const isKnown = Number.isFinite(minutes) && minutes !== 0;
  const difference = isKnown
    ? `is ${Math.abs(minutes)} minutes ${minutes > 0 ? "ahead of" : "behind"} the server's`
    : "differs too much from the server's";
  return serverError(["authentication", `this machine's clock ${difference}: set the one that is wrong`]);
}
