import type { ExportResult } from "@opentelemetry/core";
import type { Logger } from "../../health/logger.ts";
import { systemError } from "../../health/system-error.ts";
import { ExportResultCode } from "../open-telemetry-core.ts";
import type { PushTarget } from "./push-target.ts";

/** A failed push that has already been logged; the SDK passes it to its error handler. */
export class ReportedExportError extends Error {
  override readonly name = "ReportedExportError";
}

/**
 * Knows whether what is pushed arrives, and logs when that changes: one line when it stops, one when it works again,
 * however much fails in between.
 */
export class ExportHealth {
  /** How many pushes have failed. */
  failures = 0;
  #failing = false;
  #lastSuccessBeganAt = Number.NEGATIVE_INFINITY;
  #arriving = false;
  readonly #target: PushTarget;
  readonly #logger: Logger;
  readonly #redact: (text: string) => string;

  constructor(target: PushTarget, logger: Logger, redact: (text: string) => string) {
    this.#target = target;
    this.#logger = logger;
    this.#redact = redact;
  }

  get signal(): PushTarget["signal"] {
    return this.#target.signal;
  }

  /** Whether the last push failed. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Whether the last push succeeded; false before the first. */
  get arriving(): boolean {
    return this.#arriving;
  }

  /**
   * Records the result of one push, and returns what the SDK gets. A push that fails after a later one has arrived is
   * counted, but no longer says anything about the collector.
   * @param beganAt on the monotonic clock
   */
  judge(result: ExportResult, beganAt = performance.now()): ExportResult {
    const { signal, url } = this.#target;
    const details = { signal, url: String(url) };
    if (result.code === ExportResultCode.SUCCESS) {
      if (this.#failing) this.#logger.info(details, `${signal} are pushed to ${url} again`);
      this.#failing = false;
      this.#arriving = true;
      this.#lastSuccessBeganAt = Math.max(this.#lastSuccessBeganAt, beganAt);
      return result;
    }
    const reason = this.#redact(whyFailed(result.error));
    this.failures += 1;
    if (beganAt >= this.#lastSuccessBeganAt) {
      if (!this.#failing) this.#logger.warn(details, `${signal} cannot be pushed to ${url}: ${reason}`);
      this.#failing = true;
      this.#arriving = false;
    }
    return { code: ExportResultCode.FAILED, error: new ReportedExportError(reason) };
  }
}

/** Puts what an exporter failed with into words; what the collector said is left out, because it may repeat a header. */
function whyFailed(error: Error | undefined): string {
  const known = systemError(error);
  if (known !== undefined) return known.message;
  const code: unknown = error !== undefined && "code" in error ? error.code : undefined;
  if (typeof code === "number") return `it answers with the status code ${code}`;
  if (error?.message === "Export failed with retryable status") return "it asks to try again later";
  return error?.message ?? "unknown error";
}
