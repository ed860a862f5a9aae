import { type Meter, type MeterProvider, metrics, type Tracer, trace } from "@opentelemetry/api";
import { packageVersion } from "./version.ts";

/** What all telemetry of ours says it comes from. */
export const scope = Object.freeze({
  name: "healthspan",
  version: packageVersion(),
  /** The semantic conventions that names of attributes follow, by which a backend can translate them into those of another version. */
  schemaUrl: "https://opentelemetry.io/schemas/1.45.0",
});

const options = { schemaUrl: scope.schemaUrl };

/** Starts every span of ours, with the program's tracer provider, also if that is registered later. */
export const tracer: Tracer = trace.getTracerProvider().getTracer(scope.name, scope.version, options);

/**
 * The meter of ours.
 * @param provider the program's, unless another one is given
 */
export function meterOf(provider: Pick<MeterProvider, "getMeter"> = metrics): Meter {
  return provider.getMeter(scope.name, scope.version, options);
}
