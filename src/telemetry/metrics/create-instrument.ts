import type {
  Counter,
  Histogram,
  Meter,
  ObservableCounter,
  ObservableGauge,
  ObservableUpDownCounter,
} from "@opentelemetry/api";
import type { MetricDefinition } from "../metric-definition.ts";
import { durationBounds } from "../names.ts";

type Of<Instrument extends MetricDefinition["instrument"]> = MetricDefinition & { readonly instrument: Instrument };

// Instruments as the table describes them, so that what is sent and what is documented cannot differ.

export function createGauge(meter: Meter, { name, unit, description }: Of<"observable gauge">): ObservableGauge {
  return meter.createObservableGauge(name, { unit, description });
}

export function createCounter(meter: Meter, { name, unit, description }: Of<"counter">): Counter {
  return meter.createCounter(name, { unit, description });
}

export function createObservedCounter(
  meter: Meter,
  { name, unit, description }: Of<"observable counter">,
): ObservableCounter {
  return meter.createObservableCounter(name, { unit, description });
}

export function createObservedUpDownCounter(
  meter: Meter,
  { name, unit, description }: Of<"observable up-down counter">,
): ObservableUpDownCounter {
  return meter.createObservableUpDownCounter(name, { unit, description });
}

/** A histogram of durations. */
export function createHistogram(
  meter: Meter,
  { name, unit, description }: Of<"histogram">,
  bounds: readonly number[] = durationBounds,
): Histogram {
  return meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: [...bounds] } });
}
