import type { Counter } from "@opentelemetry/api";
import { meterOf } from "../../health/instrumentation/scope.ts";
import { metricTable } from "../metric-table.ts";
import { createCounter } from "./create-instrument.ts";

/** Counts logins with wrong credentials. */
export class LoginInstruments {
  readonly #failed: Counter;

  constructor() {
    this.#failed = createCounter(meterOf(), metricTable.loginsFailed);
    this.#failed.add(0);
  }

  failed(): void {
    this.#failed.add(1);
  }
}
