import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { IOtlpExportDelegate } from "@opentelemetry/otlp-exporter-base";
import type { ISerializer } from "@opentelemetry/otlp-transformer";
import { whyNotTaken } from "./otlp-answer.ts";
import type { PushTarget } from "./push-target.ts";

/**
 * Sends as the SDK's own delegate does, but reads what the collector answers: a push of which a part was refused, or that something
 * else than a collector answered, has failed.
 */
export class JudgedDelegate<Items> implements IOtlpExportDelegate<Items> {
  readonly #inner: IOtlpExportDelegate<Items>;
  /** Why the push is none of which the answer was just read. The SDK tells its result before it reads another one. */
  #problem: string | undefined;

  /** @param create makes the SDK's delegate, which is to read answers by the serializer that it is given */
  constructor(
    { signal }: Pick<PushTarget, "signal">,
    serializer: ISerializer<Items, object>,
    create: (judging: ISerializer<Items, object>) => IOtlpExportDelegate<Items>,
  ) {
    this.#inner = create({
      serializeRequest: (items) => serializer.serializeRequest(items),
      deserializeResponse: (data) => {
        this.#problem = whyNotTaken(data, signal, (answer) => serializer.deserializeResponse(answer));
        return {}; // Nothing that the SDK would log.
      },
    });
  }

  export(items: Items, done: (result: ExportResult) => void): void {
    this.#inner.export(items, (result) => {
      const problem = this.#problem;
      this.#problem = undefined;
      const isRefused = result.code === ExportResultCode.SUCCESS && problem !== undefined;
      done(isRefused ? { code: ExportResultCode.FAILED, error: new Error(problem) } : result);
    });
  }

  forceFlush(): Promise<void> {
    return this.#inner.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }

  setMetrics(...args: Parameters<IOtlpExportDelegate<Items>["setMetrics"]>): void {
    this.#inner.setMetrics(...args);
  }
}
