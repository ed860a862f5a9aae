import type { Counter } from "@opentelemetry/api";
import { meterOf } from "../../health/instrumentation/scope.ts";
import type { Result } from "../../health/result.ts";
import { metricTable } from "../metric-table.ts";
import { attributeNames, attributeValues } from "../names.ts";
import { createCounter } from "./create-instrument.ts";

/** Why a probe did not take place: who asked, of which check, of which target, or that too many asked at once. */
export type ProbeRefusal = (typeof attributeValues.refusalReason)[number];

const outcomes: readonly Result["state"][] = ["healthy", "degraded", "unhealthy", "unknown"];

/** Counts the probes of all targets together: a target has no series here, but where the probe was asked for. */
export class ProbeInstruments {
  readonly #probes: Counter;
  readonly #refused: Counter;

  constructor() {
    const meter = meterOf();
    this.#probes = createCounter(meter, metricTable.probes);
    this.#refused = createCounter(meter, metricTable.probesRefused);
  }

  /** Shows every series, before there is anything to count. */
  begin(): void {
    for (const state of outcomes) this.#probes.add(0, { [attributeNames.checkState]: state });
    for (const reason of attributeValues.refusalReason)
      this.#refused.add(0, { [attributeNames.refusalReason]: reason });
  }

  probed(state: Result["state"]): void {
    this.#probes.add(1, { [attributeNames.checkState]: state });
  }

  refused(reason: ProbeRefusal): void {
    this.#refused.add(1, { [attributeNames.refusalReason]: reason });
  }
}
