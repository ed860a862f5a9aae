import type { TextMapPropagator } from "@opentelemetry/api";
import type { Logger } from "../../health/logger.ts";
import {
  CompositePropagator,
  getStringListFromEnv,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from "../open-telemetry-core.ts";

const makers: Readonly<Record<string, () => TextMapPropagator>> = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
};

/** The propagators that `OTEL_PROPAGATORS` names; those of the W3C by default. */
export function propagatorFromEnvironment(logger: Logger): TextMapPropagator {
  const variable = "OTEL_PROPAGATORS";
  const names = new Set(getStringListFromEnv(variable) ?? Object.keys(makers));
  const propagators: TextMapPropagator[] = [];
  for (const name of names) {
    const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
    if (make !== undefined) propagators.push(make());
    else if (name !== "none") {
      logger.warn({ variable }, `${variable} names "${name}"; there is ${Object.keys(makers).join(", ")} and none`);
    }
  }
  return new CompositePropagator({ propagators: names.has("none") ? [] : propagators });
}
