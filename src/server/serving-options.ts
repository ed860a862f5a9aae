import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { Executor } from "../engine/executor.ts";
import type { HealthMonitor } from "../engine/monitor.ts";
import type { Site } from "../formats/site.ts";
import { InvalidOptionsError } from "../health/invalid-options-error.ts";
import type { Secret } from "../health/secret.ts";
import { functionField, objectWith, validateOptions } from "../health/validate-options.ts";
import type { Authentication } from "./authentication.ts";
import type { EventOptions } from "./events/event-limits.ts";

/** Where a replica tells of its fleet. */
export const fleetPath = "/-/fleet";

/** How the endpoints of a monitor are served. */
export interface ServingOptions {
  /** Who may read an endpoint, by its path. Default: everybody. */
  readonly authentication?: ReadonlyMap<string, Authentication>;
  /**
   * Chooses where the code of those checks runs that a request starts, those with `thread: true` aside; undefined and by
   * default where the monitor says. A request that finds a check running waits for that run, wherever it is. The program
   * that made the executor closes it.
   */
  readonly executor?: ((request: IncomingMessage) => Executor | undefined) | undefined;
  /** How many streams of events there may be, and what ends them. */
  readonly events?: EventOptions | undefined;
  /** What all pages show besides the reports. */
  readonly site?: Site | undefined;
}

/** An empty one, such as that of a variable that is not set, would admit everybody. */
const secret = objectWith<Secret>("a secret", "reveal").refine((value) => value.reveal() !== "", "must not be empty");

const authentication = z.union(
  [
    z.strictObject({ bearer: secret }),
    z.strictObject({ basic: z.strictObject({ username: z.string(), password: secret }) }),
    z.strictObject({ path: secret }),
  ],
  "must be { bearer }, { basic: { username, password } } or { path }, where bearer, password and path are each a Secret",
);

const text = z.string().min(1).max(1000);
const webAddress = z.url({ protocol: /^https?$/, error: "must be an address that starts with http:// or https://" });

const siteFields = z.strictObject({
  title: text.optional(),
  logo: z
    .string()
    .regex(/^data:image\/[a-z+]+[;,]/, "must be an image as a data: address")
    .optional(),
  links: z.array(z.strictObject({ title: text, url: webAddress })).optional(),
  footer: text.optional(),
  embed: z.array(z.string().regex(/^[\w.:*/-]+$/, "must be a host as a Content Security Policy writes it")).optional(),
  publicUrl: webAddress.optional(),
});

const servingFields = z.strictObject({
  authentication: z.map(z.string(), authentication).optional(),
  executor: functionField().optional(),
  events: z
    .strictObject({
      streams: z.int().min(0).optional(),
      streamsPerClient: z.int().min(0).optional(),
      ending: z.instanceof(AbortSignal, { error: "must be an AbortSignal" }).optional(),
    })
    .optional(),
  site: siteFields.optional(),
});

/**
 * Checks what a function of ours is given to serve.
 * @param subject the function's name
 * @throws InvalidOptionsError that names each wrong option and what is allowed
 */
export function validateServing(subject: string, monitor: HealthMonitor, options: ServingOptions): void {
  validateOptions(subject, z.object({ monitor: objectWith("a HealthMonitor", "report", "snapshot") }), { monitor });
  const validated = validateOptions(subject, servingFields, options);
  const paths = monitor.endpoints.map(({ path }) => path);
  // A path that is written otherwise than the endpoint's would leave the endpoint open to everybody.
  const unknown = [...(validated.authentication?.keys() ?? [])].filter((path) => !paths.includes(path));
  if (unknown.length === 0) return;
  const message = `is not the path of an endpoint. There is ${paths.join(", ")}`;
  const issues = unknown.map((path) => ({ code: "custom" as const, path: ["authentication", path], message }));
  throw new InvalidOptionsError(subject, issues);
}
