import { type Counter, metrics } from "@opentelemetry/api";
import { metricTable } from "../metric-table.ts";
import { scope } from "../names.ts";
import { createCounter } from "./create-instrument.ts";

/** Counts logins with wrong credentials. */
export class LoginInstruments {
  readonly #failed: Counter;

  constructor() {
    this.#failed = createCounter(metrics.getMeter(scope), metricTable.loginsFailed);
    this.#failed.add(0);
  }

  failed(): void {
    this.#failed.add(1);
  }
}
