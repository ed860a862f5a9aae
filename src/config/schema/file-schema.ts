import { z } from "zod";
import { commonFields } from "../../health/common-fields.ts";
import { endpointFields } from "../../health/endpoint-options.ts";
import { connectionUrl, duration, percent, secret } from "../../health/fields.ts";
import type { Secret } from "../../health/secret.ts";
import type { Authentication } from "../../server/authentication.ts";
import { logLevels } from "../configuration.ts";
import { limitFields } from "./limit-fields.ts";
import { probeFields } from "./probe-fields.ts";

/** A check has its name and its dependencies for itself. */
const { name: _name, dependsOn: _dependsOn, ...engineFields } = commonFields;

const basic = z
  .strictObject({
    username: z
      .string()
      .regex(/^[^:\p{C}]+$/u, "must be printable characters without a colon")
      .describe("The user's name."),
    password: secret(z.string().min(1)).describe("The user's password."),
  })
  .describe("HTTP Basic authentication.");

const bearer = secret(z.string().regex(/^[\w.~+/-]+=*$/, "must be a token of letters, digits and - . _ ~ + / ="));

interface Ways {
  readonly bearer?: Secret | undefined;
  readonly basic?: { readonly username: string; readonly password: Secret } | undefined;
  readonly path?: Secret | undefined;
}

/** Exactly one way is given: who gives two would let in whoever has either. */
function authenticationOf(ways: Ways, context: z.RefinementCtx<Ways>): Authentication {
  if (context.issues.length > 0) return z.NEVER;
  const given = Object.values(ways).filter((way) => way !== undefined);
  if (given.length === 1) {
    if (ways.bearer !== undefined) return { bearer: ways.bearer };
    if (ways.basic !== undefined) return { basic: ways.basic };
    if (ways.path !== undefined) return { path: ways.path };
  }
  context.addIssue("must name exactly one way of authentication");
  return z.NEVER;
}

const ways = {
  bearer: bearer.optional().describe("The token of `Authorization: Bearer`."),
  basic: basic.optional(),
};

const oneProperty = { minProperties: 1, maxProperties: 1 };

const metricsAuthentication = z
  .strictObject(ways)
  .meta(oneProperty)
  .transform(authenticationOf)
  .describe("Who may read it. Default: everybody.");

const endpointAuthentication = z
  .strictObject({
    ...ways,
    path: secret(z.string().regex(/^[A-Za-z0-9._~-]{8,}$/, "must be 8 or more letters, digits and - . _ ~"))
      .optional()
      .describe("A last segment of the path that only those know who may read the endpoint: `/health/SECRET/`."),
  })
  .meta(oneProperty)
  .transform(authenticationOf)
  .describe("Who may read it. Default: everybody.");

const allChecks = z.literal("all");
const namedChecks = z.array(z.string()).min(1);

/** An endpoint with all that can be said of it. */
export const endpointMap = z.strictObject({
  checks: z
    .union([allChecks, namedChecks])
    .default("all")
    .describe("The names of the checks that it shows, in that order, or `all`."),
  ...endpointFields,
  auth: endpointAuthentication.optional(),
});

/** What an entry of `endpoints` may be. */
export const endpointSchema = z.union([allChecks, namedChecks, endpointMap]);

const allTraces = z.literal("all");

const keepingMap = z
  .strictObject({
    slowerThan: duration().prefault("500ms").describe("A run that took longer is always kept."),
    ratio: percent().prefault("5%").describe("The share that is kept of the rest."),
  })
  .describe("Failures, changes of state and slow runs are kept, and a share of the rest.");

/** The page links to it as it is: nothing in it may end an attribute, or be a secret. */
const traceUrl = z
  .string()
  .regex(/^https?:\/\/[^\s\p{C}<>"'\\]+$/u, "must be an address that begins with http:// or https://")
  .refine((text) => text.includes("{traceId}"), "must have {traceId} in it, where the trace's id belongs")
  .refine((text) => {
    const url = URL.parse(text.replaceAll("{traceId}", "0".repeat(32)));
    return url !== null && url.username === "" && url.password === "";
  }, "must be an address without credentials")
  // So that a message does not repeat the credentials that should not be there.
  .meta({ title: "address", writeOnly: true });

/** What a configuration may say, except for what each check says: that is for the schema of its class. */
export const fileSchema = z.strictObject(
  {
    service: z
      .strictObject({
        name: z
          .string()
          .regex(/^\P{C}{1,100}$/u, "must be 1 to 100 printable characters")
          .optional()
          .describe(
            "What is being watched: the title of reports, and `service.name` in telemetry. Default: the host's name.",
          ),
      })
      .default({})
      .describe("What is being watched."),
    server: z
      .strictObject({
        host: z
          .string()
          .min(1)
          .default("localhost")
          .describe("The address to listen on; `0.0.0.0` for all of IPv4, `::` for all."),
        port: z
          .int()
          .min(0)
          .max(65_535)
          .default(9464)
          .describe("The port to listen on; 0 takes a free one and says which."),
        shutdownDelay: duration()
          .refine((value) => value.milliseconds <= 600_000, "must be at most 10m")
          .prefault("0s")
          .describe(
            "After SIGTERM `/readyz` answers 503 for so long before the server stops, so that load balancers notice.",
          ),
        limits: z
          .strictObject(limitFields)
          .refine(
            ({ headerTimeout, requestTimeout }) => headerTimeout.milliseconds <= requestTimeout.milliseconds,
            "must have a requestTimeout that is no shorter than the headerTimeout",
          )
          .prefault({})
          .describe("What a client may take of the server."),
      })
      .prefault({})
      .describe("Where the results are served."),
    defaults: z
      .strictObject(engineFields)
      .partial()
      .default({})
      .describe("Options for the checks that do not say otherwise."),
    concurrency: z
      .int()
      .min(1)
      .max(100_000)
      .default(500)
      .describe("At most so many checks run at once; further ones wait."),
    checks: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("The checks by their names. Default: the host's processors, memory, disk and event loop."),
    endpoints: z
      .record(z.string(), endpointSchema)
      .optional()
      .describe("Which checks are served under which path. Default: all of them under `/health/`."),
    metrics: z
      .strictObject({ auth: metricsAuthentication.optional() })
      .default({})
      .describe("The metrics of all checks at `/metrics`."),
    probe: z
      .strictObject({
        ...probeFields,
        auth: metricsAuthentication.describe("Who may ask. Default: everybody.").optional(),
      })
      .optional()
      .describe("Runs checks with other targets at `/probe?check=NAME&target=TARGET`. Default: nobody can."),
    telemetry: z
      .strictObject({
        otlp: z
          .strictObject({
            endpoint: connectionUrl("http", "https").describe(
              "The collector's address for OTLP over HTTP, such as `http://localhost:4318`.",
            ),
            headers: z.record(z.string(), secret()).default({}).describe("Headers to send, such as `authorization`."),
          })
          .optional()
          .describe("Pushes spans, metrics and log records to a collector."),
      })
      .prefault({})
      .describe("Where spans, metrics and log records go. The `OTEL_*` variables win over it."),
    traces: z
      .strictObject({
        keep: z
          .union([allTraces, keepingMap])
          .prefault("all")
          .describe("Which traces are pushed: `all`, or those that a map describes."),
        url: traceUrl
          .optional()
          .describe("Where a trace can be looked at, with `{traceId}` in it: reports then link to the last run's."),
      })
      .prefault({})
      .describe("The traces of the runs."),
    stateFile: z
      .string()
      .min(1)
      .optional()
      .describe(
        "A file that keeps since-when, the last changes, the feeds' identifiers and the heartbeats across restarts.",
      ),
    reload: z
      .strictObject({
        watch: z.boolean().default(true).describe("Whether a change of the file is taken by itself."),
        http: z.boolean().default(false).describe("Whether `POST /-/reload` takes a changed file."),
        auth: metricsAuthentication.optional(),
      })
      .prefault({})
      .describe("When a changed configuration is taken, besides on SIGHUP."),
    log: z
      .strictObject({
        level: z.enum(logLevels).default("info").describe("The least important messages that are written."),
      })
      .prefault({})
      .describe("The server's own log."),
  },
  "must be a map with parts such as checks and endpoints",
);

/** The same without a look at each endpoint, so that what is wrong with one does not hide what is wrong with another. */
export const outlineSchema = fileSchema.extend({ endpoints: z.record(z.string(), z.unknown()).optional() });
