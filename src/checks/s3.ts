import { randomUUID } from "node:crypto";
import { z } from "zod";
import { Service } from "../clients/http/service-fields.ts";
import { S3Bucket } from "../clients/s3/s3-bucket.ts";
import { connectionUrl, secret } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { ConnectionUrl, Secret } from "../health/secret.ts";
import type { Target } from "../health/target.ts";
import { firstIssue } from "../net/login-options.ts";
import { networkFields, warnOfSlowness } from "../net/network-fields.ts";
import { tlsFields, tlsIssue } from "../net/tls-options.ts";
import { urlCredentials } from "../net/url-credentials.ts";

const { ca, clientCertificate, clientKey, verifyCertificate } = tlsFields;

/** What stands in the middle of a header. */
const accessKey = /^[\w.~=+-]{1,256}$/;

/**
 * Asks for a bucket of S3, at AWS or elsewhere, or writes, reads and deletes an object in it.
 *
 * Without `write`, it lists the bucket, but none of its objects. The keys need no more than `s3:ListBucket` of the bucket, or, with `write`, these three of the objects below `prefix`:
 *
 * ```json
 * { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::shop-uploads" }
 * { "Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"], "Resource": "arn:aws:s3:::shop-uploads/healthspan/*" }
 * ```
 *
 * The first may have the condition `"StringEquals": { "s3:prefix": "healthspan/" }`. The keys that a role gives to a machine or a
 * container are not fetched: give a user's, or temporary ones with their `sessionToken`.
 *
 * Every run of a process writes the same object, `prefix` and a random identifier, and deletes it, also when it is aborted. It can stay
 * only when the last run is cut off from the server, killed, or may not delete. A bucket with versions keeps each of them, and a mark
 * for each deletion. A lifecycle rule for `prefix` removes what is left of both.
 *
 * ```yaml
 * checks:
 *   aws: { type: s3, url: "https://s3.eu-central-1.amazonaws.com", region: eu-central-1, bucket: shop-uploads, accessKeyId: "${KEY}", secretAccessKey: "${SECRET}" }
 *   minio: { type: s3, url: "http://minio:9000", bucket: uploads, accessKeyId: probe, secretAccessKey: "${SECRET}", write: true }
 *   ceph: { type: s3, url: "https://rgw.shop.example", region: default, bucket: uploads, accessKeyId: "${KEY}", secretAccessKey: "${SECRET}" }
 *   r2: { type: s3, url: "https://${ACCOUNT}.r2.cloudflarestorage.com", region: auto, bucket: uploads, accessKeyId: "${KEY}", secretAccessKey: "${SECRET}" }
 *   spaces: { type: s3, url: "https://fra1.digitaloceanspaces.com", pathStyle: false, bucket: uploads, accessKeyId: "${KEY}", secretAccessKey: "${SECRET}" }
 * ```
 */
export class S3 extends healthCheck({
  group: "storage",
  labels: {
    url: connectionUrl("http", "https").describe(
      "The server's address, without the bucket, such as https://s3.eu-central-1.amazonaws.com. Keys in it, before an @, are never shown.",
    ),
    bucket: z
      .string()
      .regex(/^[\w:-][\w.:-]{1,254}$/, "must be the name of a bucket")
      .describe("The name of the bucket."),
    region: z
      .string()
      .regex(/^[\w-]{1,60}$/, "must be the name of a region")
      .default("us-east-1")
      .describe("The region that the bucket is in. MinIO and most others that have none want the default."),
  },
  settings: {
    accessKeyId: z
      .string()
      .regex(accessKey, "must be an access key")
      .optional()
      .describe("The access key to ask with."),
    secretAccessKey: secret().optional().describe("The secret that goes with accessKeyId."),
    sessionToken: secret(z.string().regex(/^[!-~]+$/, "must be a token"))
      .optional()
      .describe("The token that goes with temporary keys."),
    pathStyle: z
      .boolean()
      .default(true)
      .describe("Whether the bucket is named in the path. false: in front of the host's name."),
    write: z.boolean().default(false).describe("Whether to write, read and delete an object."),
    prefix: z
      .string()
      .max(900)
      .refine((prefix) => !/(?:^|\/)\.{1,2}(?:\/|$)/.test(prefix), "must not have . or .. between its slashes")
      .default("healthspan/")
      .describe("How the name of the written object begins. Without write: the names that are asked for."),
    ca,
    clientCertificate,
    clientKey,
    verifyCertificate,
    ...networkFields,
  },
  validate: (options) => {
    const { url, accessKeyId, secretAccessKey, bucket, pathStyle } = options;
    const inUrl = urlCredentials(url);
    const isGiven = (accessKeyId ?? secretAccessKey) !== undefined;
    const [id, key] = isGiven ? [accessKeyId, secretAccessKey] : [inUrl.username, inUrl.password];
    return (
      firstIssue([
        [
          isGiven && (inUrl.username ?? inUrl.password) !== undefined,
          "give the keys either in url or as accessKeyId and secretAccessKey",
        ],
        [id === undefined || key === undefined, "give accessKeyId and secretAccessKey"],
        [!accessKey.test(id ?? ""), "the user name in url must be an access key"],
        [new URL(url.reveal()).search !== "", "nothing may follow a ? in url"],
        [!pathStyle && !/^[\w.-]+$/.test(bucket), "with pathStyle: false, bucket must be a part of a host's name"],
      ]) ?? tlsIssue(options)
    );
  },
}) {
  static readonly module = import.meta.url;
  readonly #service = new Service({ ...this, url: this.#address() });
  readonly #bucket = this.#askedBucket();
  /** The same in every run: one that could not delete it leaves it to the next. */
  readonly #key = `${this.prefix}${randomUUID()}`;

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    if (this.write) await this.#bucket.roundTrip(this.#key, randomUUID(), signal);
    else await this.#bucket.list(this.prefix, signal);
    warnOfSlowness(performance.now() - startedAt, this);
  }

  override get target(): Target {
    return this.write ? {} : this.#service.target; // A span of each request has it.
  }

  #askedBucket(): S3Bucket {
    const { url, region, pathStyle, bucket, sessionToken } = this;
    const { username, password } = urlCredentials(url);
    const { accessKeyId = username ?? "", secretAccessKey = password ?? new Secret("") } = this; // Neither is empty: see validate.
    return new S3Bucket({
      question: (path) => this.#service.question(path),
      target: this.#service.target,
      nameInPath: pathStyle ? bucket : undefined,
      region,
      credentials: { accessKeyId, secretAccessKey, sessionToken },
    });
  }

  #address(): ConnectionUrl {
    const url = new URL(this.url.reveal());
    url.username = "";
    url.password = "";
    if (!this.pathStyle) url.hostname = `${this.bucket}.${url.hostname}`;
    return new ConnectionUrl(url.href);
  }
}
