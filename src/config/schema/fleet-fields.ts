import { z } from "zod";
import { connectionUrl, duration } from "../../health/fields.ts";
import type { ConnectionUrl } from "../../health/secret.ts";
import { tlsFields, tlsIssue } from "../../net/tls-options.ts";

/** A whole number, also as a text, since that is what a variable gives. */
function count(message: string, least: number, most: number) {
  return z
    .union(
      [
        z.int(),
        z
          .string()
          .regex(/^\d{1,4}$/)
          .transform(Number),
      ],
      message,
    )
    .refine((value) => value >= least && value <= most, message);
}

const shardMessage = "must be a whole number from 0, such as the index of the pod";
const ofMessage = "must be a whole number from 1 to 256: how many replicas there are";

/** Shorter leases would be lost by a replica that is busy for a moment. */
const shortestLeaseMilliseconds = 3000;
const longestLeaseMilliseconds = 300_000;

/** Which of the checks this replica runs. */
export const fleetFields = {
  redis: connectionUrl("redis", "rediss")
    .optional()
    .describe("The Redis through which the replicas share the checks, with rediss:// for TLS."),
  name: z
    .string()
    .regex(/^[\w.-]{1,100}$/, "must have 1 to 100 letters, digits, dots, hyphens and underscores")
    .optional()
    .describe("What the replicas have in common; other fleets may use the same Redis. Default: service.name."),
  lease: duration()
    .refine(
      ({ milliseconds }) => milliseconds >= shortestLeaseMilliseconds && milliseconds <= longestLeaseMilliseconds,
      "must be from 3s to 5m",
    )
    .optional()
    .describe("How long a replica that has stopped keeps its checks before others take them. Default: 8s."),
  tls: z
    .strictObject({
      ca: tlsFields.ca,
      clientCertificate: tlsFields.clientCertificate.describe(
        "The certificate, in PEM form, by which a replica makes itself known to Redis.",
      ),
      clientKey: tlsFields.clientKey,
    })
    .optional()
    .describe("Whom to trust, and how to be known, where redis begins with rediss://."),
  shard: count(shardMessage, 0, 255)
    .optional()
    .describe(
      "Without redis: the number of this replica, from 0: in Kubernetes, the index of its pod in a StatefulSet.",
    ),
  of: count(ofMessage, 1, 256)
    .optional()
    .describe("Without redis: how many replicas share the checks, each with a shard of its own."),
};

type FleetInput = { readonly [Field in keyof typeof fleetFields]?: z.output<(typeof fleetFields)[Field]> };

/** Several replicas that share the checks. */
export const fleetField = z
  .strictObject(fleetFields)
  .check(({ value, issues }) => {
    for (const [field, message] of wrongIn(value)) {
      issues.push({ code: "custom", message, input: value, path: field === undefined ? [] : [field] });
    }
  })
  .transform(({ redis, name, lease, tls, shard = 0, of = 1 }) =>
    redis === undefined ? { shard, of } : { redis, name, leaseMilliseconds: lease?.milliseconds ?? 8000, tls },
  )
  .optional()
  .describe("Shares the checks with other replicas that have the same configuration. Default: this one runs all.");

function wrongIn(fleet: FleetInput): readonly (readonly [string | undefined, string])[] {
  const { redis, name, lease, tls, shard, of } = fleet;
  if (redis !== undefined) {
    const fixed = (["shard", "of"] as const).filter((field) => fleet[field] !== undefined);
    return [
      ...fixed.map((field) => [field, "is for replicas without redis, which decides who runs what"] as const),
      ...wrongInRedis(redis, tls),
    ];
  }
  if (shard === undefined && of === undefined) return [[undefined, "must have redis, or shard and of"]];
  const missing = shard === undefined ? "shard" : of === undefined ? "of" : undefined;
  if (missing !== undefined) return [[missing, "is missing: shard and of belong together"]];
  const tooMany = Number(shard) < Number(of) ? [] : [["shard", shardTooHigh(Number(of))] as const];
  const needless = [
    ["name", name],
    ["lease", lease],
    ["tls", tls],
  ].flatMap(([field, given]) => (given === undefined ? [] : [[String(field), "goes with redis"] as const]));
  return [...tooMany, ...needless];
}

function wrongInRedis(redis: ConnectionUrl, tls: FleetInput["tls"]): readonly (readonly [string, string])[] {
  const { protocol, pathname, search } = new URL(redis.reveal());
  const issue = tls && tlsIssue({ ...tls, verifyCertificate: true });
  return [
    tls !== undefined && protocol === "redis:" && (["tls", "needs a redis that begins with rediss://"] as const),
    issue !== undefined && (["tls", issue] as const),
    !/^\/?\d{0,9}$/.test(pathname) &&
      (["redis", "only the number of a database may follow the host, as in redis://redis:6379/1"] as const),
    search !== "" &&
      (["redis", "must not have parameters: TLS is rediss://, and everything else is an option here"] as const),
  ].filter((wrong) => wrong !== false);
}

function shardTooHigh(of: number): string {
  return `must be less than \`of\`, since shards are counted from 0: at most ${of - 1}`;
}
