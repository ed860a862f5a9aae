import { z } from "zod";
import type { HealthCheckError } from "../../health/errors.ts";
import { parseJson } from "../http/parse-json.ts";
import { foreignNats, natsError } from "./nats-error.ts";

/** What is used of a server's greeting (NATS client protocol, "INFO"). */
const greeting = z.object({
  server_id: z.string(),
  headers: z.boolean().optional(),
  tls_required: z.boolean().optional(),
  tls_available: z.boolean().optional(),
});

/** How a server greets. */
export type NatsGreeting = z.infer<typeof greeting>;

/**
 * Reads the line with which a server greets.
 * @throws HealthCheckError when it is none
 */
export function readGreeting(line: string): NatsGreeting {
  const [, text] = /^INFO[ \t]+(.*)$/i.exec(line) ?? [];
  const parsed = greeting.safeParse(text === undefined ? undefined : parseJson(text));
  if (!parsed.success) throw errorIn(line);
  return parsed.data;
}

/** What it means that a server says this where it should wait for the login. */
export function errorIn(line: string): HealthCheckError {
  const [, text] = /^-ERR[ \t]+(.*)$/i.exec(line) ?? [];
  return text === undefined ? foreignNats() : natsError(text, true);
}
