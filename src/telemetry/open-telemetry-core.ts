import { createRequire } from "node:module";

/** What OpenTelemetry's core exports. */
type Core = typeof import("@opentelemetry/core");

const require = createRequire(import.meta.url);
const folder = "@opentelemetry/core/build/src";

/**
 * The parts of OpenTelemetry's core that every start needs. An import of its index would load forty modules, a table of all
 * conventions among them, which take a twentieth of the time until the server answers. They are the same objects.
 */
export const { getBooleanFromEnv, getNumberFromEnv, getStringFromEnv, getStringListFromEnv }: Core = require(
  `${folder}/platform/node/environment`,
);
export const { parseKeyPairsIntoRecord }: Core = require(`${folder}/baggage/utils`);
export const { CompositePropagator }: Core = require(`${folder}/propagation/composite`);
export const { W3CBaggagePropagator }: Core = require(`${folder}/baggage/propagation/W3CBaggagePropagator`);
export const { W3CTraceContextPropagator }: Core = require(`${folder}/trace/W3CTraceContextPropagator`);
export const { setGlobalErrorHandler }: Core = require(`${folder}/common/global-error-handler`);
export const { ExportResultCode }: Core = require(`${folder}/ExportResult`);
