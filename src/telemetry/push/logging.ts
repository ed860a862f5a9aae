import { type Context, isSpanContextValid, ROOT_CONTEXT, TraceFlags, trace } from "@opentelemetry/api";
import type { LogAttributes } from "@opentelemetry/api-logs";
import { getNumberFromEnv } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import type { LoggerProvider, ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { scope } from "../../health/instrumentation/scope.ts";
import type { Logger } from "../../health/logger.ts";
import { attributeNames, eventNames } from "../names.ts";
import type { BoundedExporter } from "./bounded-export.ts";

/** As OpenTelemetry numbers them (data model of logs, "Field: SeverityNumber"). */
const severities = { info: 9, warn: 13, error: 17 } as const;

/** The attributes that details of our own lines are pushed as; every other is one of `healthspan.log`. */
const attributeOf: Readonly<Record<string, string>> = {
  check: attributeNames.checkName,
  type: attributeNames.checkType,
  from: attributeNames.checkPreviousState,
  to: attributeNames.checkState,
  error: attributeNames.exceptionMessage,
};

function attributeName(detail: string): string {
  return attributeOf[detail] ?? `${attributeNames.log}.${detail}`;
}

/**
 * Makes what hands log records to `exporter` in batches, as `OTEL_BLRP_…` says; beyond `OTEL_BLRP_MAX_QUEUE_SIZE` it drops
 * records.
 */
export async function createLoggerProvider(
  resource: Resource,
  exporter: BoundedExporter<ReadableLogRecord[]>,
): Promise<LoggerProvider> {
  const { BatchLogRecordProcessor, LoggerProvider } = await import("@opentelemetry/sdk-logs");
  const processor = new BatchLogRecordProcessor({
    exporter,
    ...numberFrom("OTEL_BLRP_SCHEDULE_DELAY", "scheduledDelayMillis"),
    ...numberFrom("OTEL_BLRP_EXPORT_TIMEOUT", "exportTimeoutMillis"),
    ...numberFrom("OTEL_BLRP_MAX_QUEUE_SIZE", "maxQueueSize"),
    ...numberFrom("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "maxExportBatchSize"),
  });
  return new LoggerProvider({ resource, processors: [processor] });
}

/**
 * Writes each line where `inner` does, and also pushes it as a log record, including lines that `inner` leaves out for their level.
 * @param redact takes secrets out of a text
 */
export function pushingLogger(inner: Logger, provider: LoggerProvider, redact: (text: string) => string): Logger {
  const records = provider.getLogger(scope.name, scope.version, { schemaUrl: scope.schemaUrl });
  const at = (level: keyof typeof severities) => (details: object, message: string) => {
    inner[level](details, message);
    records.emit({
      severityNumber: severities[level],
      severityText: level,
      ...("from" in details && "to" in details && { eventName: eventNames.checkStateChange }),
      body: redact(message),
      attributes: attributesOf(details, redact),
      context: contextOf(details),
    });
  };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

function attributesOf(details: object, redact: (text: string) => string): LogAttributes {
  const attributes: LogAttributes = {};
  for (const [key, value] of Object.entries(details)) {
    if (key === "trace_id" || key === "span_id") continue;
    if (key === "error" && typeof value === "object") Object.assign(attributes, exceptionOf(value, redact));
    else if (typeof value === "string") attributes[attributeName(key)] = redact(value);
    else if (typeof value === "number" || typeof value === "boolean") attributes[attributeName(key)] = value;
  }
  return attributes;
}

function exceptionOf(error: object, redact: (text: string) => string): LogAttributes {
  const names = { name: "exceptionType", message: "exceptionMessage", stack: "exceptionStacktrace" } as const;
  const parts = Object.entries(names).flatMap(([key, name]) => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === "string" ? [[attributeNames[name], redact(value)] as const] : [];
  });
  return Object.fromEntries(parts);
}

/** The span that a line names is that of its record, however long it has ended. */
function contextOf(details: object): Context {
  const [traceId, spanId] = ["trace_id", "span_id"].map((key): unknown => Reflect.get(details, key));
  if (typeof traceId !== "string" || typeof spanId !== "string") return ROOT_CONTEXT;
  const spanContext = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  return isSpanContextValid(spanContext) ? trace.setSpanContext(ROOT_CONTEXT, spanContext) : ROOT_CONTEXT;
}

/** The number that a variable holds, under the name of the option; nothing when it holds none that is valid. */
function numberFrom<Option extends string>(variable: string, option: Option): { readonly [Name in Option]?: number } {
  const value = getNumberFromEnv(variable);
  // The one key that it has is the option.
  return (value === undefined || value <= 0 ? {} : { [option]: value }) as { readonly [Name in Option]?: number };
}
