import { z } from "zod";
import { commonFields } from "../../health/common-fields.ts";
import { endpointFields } from "../../health/endpoint-options.ts";
import { connectionUrl, duration, percent, secret } from "../../health/fields.ts";
import { isAllowedHost } from "../../server/allowed-hosts.ts";
import { bucketsField, histogramKinds } from "../../telemetry/metrics/histogram-shape.ts";
import { durationBounds } from "../../telemetry/names.ts";
import { protocols } from "../../telemetry/push/push-target.ts";
import { logLevels } from "../configuration.ts";
import { announcementSchema } from "./announcement-fields.ts";
import { endpointAuthentication, headerAuthentication, otherAuthentication } from "./authentication-fields.ts";
import { fleetField } from "./fleet-fields.ts";
import { limitFields } from "./limit-fields.ts";
import { maintenanceField } from "./maintenance-fields.ts";
import { endpointNotify, notifyField } from "./notify-fields.ts";
import { pageFields } from "./page-fields.ts";
import { probeFields } from "./probe-fields.ts";
import { publicUrl } from "./public-url.ts";
import { publicVariables } from "./public-variables.ts";
import { storeFields } from "./store-fields.ts";
import { tlsFields } from "./tls-fields.ts";

/** What `defaults` may set: not the name and the dependencies, which each check has of its own. */
const { name: _name, dependsOn: _dependsOn, ...engineFields } = commonFields;

const allChecks = z.literal("all");
const namedChecks = z.array(z.string()).min(1);

/** An endpoint as a map of options. */
export const endpointMap = z.strictObject({
  checks: z
    .union([allChecks, namedChecks])
    .default("all")
    .describe("The names of the checks to show, in this order, or `all`."),
  ...endpointFields,
  notify: endpointNotify,
  auth: endpointAuthentication.optional(),
});

/** What an entry of `endpoints` may be. */
export const endpointSchema = z.union([allChecks, namedChecks, endpointMap]);

const allTraces = z.literal("all");

const keepMap = z
  .strictObject({
    slowerThan: duration().prefault("500ms").describe("Traces of runs that take longer are always kept."),
    ratio: percent().prefault("5%").describe("The percentage of the other traces that is kept."),
  })
  .describe("Keeps failures, state changes and slow runs, and a percentage of the rest.");

const addressMessage = "must be an address that starts with http:// or https://";

/** The page links to it unchanged, so it must not end an attribute or contain a secret. */
const traceUrl = z
  .string()
  .regex(/^https?:\/\/[^\s\p{C}<>"'\\]+$/u, { error: addressMessage, abort: true })
  .refine((text) => URL.canParse(withTraceId(text)), { error: addressMessage, abort: true })
  .refine((text) => text.includes("{traceId}"), "must contain {traceId}, which stands for the id of the trace")
  // Wherever it stands: a password with a slash in it would be read as the path.
  .refine((text) => !text.includes("@"), "must not contain credentials; write %40 for any other @")
  // Write-only, so that no message repeats credentials that should not be there.
  .meta({ title: "address", writeOnly: true });

function withTraceId(url: string): string {
  return url.replaceAll("{traceId}", "0".repeat(32));
}

const portMessage = "must be a port from 0 to 65535";

/** Everything in a configuration except the options of checks, which the schemas of their classes describe. */
export const fileSchema = z.strictObject(
  {
    service: z
      .strictObject({
        name: z
          .string()
          .regex(/^\P{C}{1,100}$/u, "must be 1 to 100 printable characters")
          .optional()
          .describe(
            "The name of what is monitored: the title of reports, and `service.name` in telemetry. Default: the host's name.",
          ),
      })
      .default({})
      .describe("What is monitored."),
    server: z
      .strictObject({
        host: z
          .string()
          .min(1)
          .default("localhost")
          .describe("The address to listen on; `0.0.0.0` for all IPv4 addresses, `::` for all addresses."),
        port: z
          .int(portMessage)
          .min(0, portMessage)
          .max(65_535, portMessage)
          .default(9464)
          .describe("The port to listen on; 0 chooses a free one and logs it."),
        hosts: z
          .array(
            z
              .string()
              .refine(isAllowedHost, "must be a host name, where * matches any characters, an address or a network")
              .meta({ title: "host" }),
          )
          .optional()
          .describe(
            "The hosts that requests may name besides `localhost` and loopback addresses: names, where `*` matches any characters, addresses and networks. Default: all; none when `host` is a loopback address.",
          ),
        publicUrl,
        shutdownDelay: duration()
          .refine((value) => value.milliseconds <= 600_000, "must be at most 10m")
          .prefault("0s")
          .describe(
            "How long `/readyz` answers 503 after SIGTERM before the server stops, so that load balancers notice.",
          ),
        tls: z
          .strictObject(tlsFields)
          .optional()
          .describe("Serves HTTPS instead of HTTP, with a certificate from files. Default: HTTP."),
        limits: z
          .strictObject(limitFields)
          .refine(
            ({ headerTimeout, requestTimeout }) => headerTimeout.milliseconds <= requestTimeout.milliseconds,
            "requestTimeout must not be shorter than headerTimeout",
          )
          .prefault({})
          .describe("Limits that protect the server from its clients."),
      })
      .prefault({})
      .describe("Where results are served."),
    page: pageFields,
    defaults: z.strictObject(engineFields).partial().default({}).describe("Default options for all checks."),
    concurrency: z
      .int()
      .min(1)
      .max(100_000)
      .default(500)
      .describe("The maximum number of checks that run at the same time; further ones wait."),
    publicVariables,
    checks: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("The checks by name. Default: the host's CPU, memory, disk and event loop."),
    endpoints: z
      .record(z.string(), endpointSchema)
      .optional()
      .describe("The endpoints by path. Default: all checks under `/health/`."),
    notify: notifyField,
    announcements: z
      .array(announcementSchema)
      .default([])
      .describe("What readers of the pages are told above everything else, such as a migration that is coming."),
    metrics: z
      .strictObject({ auth: otherAuthentication })
      .default({})
      .describe("The metrics of all checks at `/metrics`."),
    probe: z
      .strictObject({
        ...probeFields,
        auth: otherAuthentication,
      })
      .optional()
      .describe("Runs checks with other targets at `/probe?check=NAME&target=TARGET`. Default: not served."),
    fleet: fleetField,
    telemetry: z
      .strictObject({
        otlp: z
          .strictObject({
            endpoint: connectionUrl("http", "https").describe(
              "The OTLP endpoint of a collector, such as `http://localhost:4318`; for gRPC, usually port 4317.",
            ),
            protocol: z
              .enum(protocols)
              .default("http/protobuf")
              .describe(
                "How OTLP is spoken. `grpc` needs `npm install @opentelemetry/otlp-grpc-exporter-base@0.223.0`.",
              ),
            headers: z.record(z.string(), secret()).default({}).describe("Headers to send, such as `authorization`."),
          })
          .optional()
          .describe("Pushes spans, metrics and log records to a collector."),
        metrics: z
          .strictObject({
            histogram: z
              .enum(histogramKinds)
              .default("both")
              .describe(
                "The buckets in which durations are counted: `classic`, those of `buckets`; `native`, exponential ones, for who scrapes protobuf or OpenMetrics 2.0; `both`; `none` leaves the histogram of the checks out.",
              ),
            buckets: bucketsField
              .default([...durationBounds])
              .describe("The upper bounds of the classic buckets in seconds, ascending, at most 50."),
            tags: z
              .boolean()
              .default(false)
              .describe(
                'Whether the metrics of each check have its tags as the label `tags`, sorted and between commas: `,eu,prod,` is found by `tags=~".*,prod,.*"`.',
              ),
          })
          .prefault({})
          .describe("How durations are counted, and what the metrics of checks say of them."),
      })
      .prefault({})
      .describe(
        "What is measured, and where spans, metrics and log records are pushed. `OTEL_*` variables override it.",
      ),
    traces: z
      .strictObject({
        keep: z
          .union([allTraces, keepMap])
          .prefault("all")
          .describe("Which traces are pushed: `all`, or a map that selects them."),
        url: traceUrl
          .optional()
          .describe(
            "The address of a trace in a tracing UI, containing `{traceId}`: reports then link to the trace of the last run.",
          ),
      })
      .prefault({})
      .describe("The traces of runs."),
    ...storeFields,
    maintenance: maintenanceField,
    reload: z
      .strictObject({
        watch: z.boolean().default(true).describe("Whether to reload when a file of the configuration changes."),
        http: z.boolean().default(false).describe("Whether `POST /-/reload` reloads the configuration."),
        auth: headerAuthentication.optional(),
      })
      .prefault({})
      .describe("What reloads the configuration, besides SIGHUP."),
    log: z
      .strictObject({
        level: z.enum(logLevels).default("info").describe("The least severe messages to write."),
      })
      .prefault({})
      .describe("The server's own log."),
  },
  "must be a map with options such as checks and endpoints",
);

/** The same without validating each endpoint and the maintenance, so that their issues do not hide others. */
export const outlineSchema = fileSchema.extend({
  endpoints: z.record(z.string(), z.unknown()).optional(),
  maintenance: z.unknown().optional(),
});
