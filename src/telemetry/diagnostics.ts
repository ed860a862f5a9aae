import { type DiagLogger, DiagLogLevel, diag } from "@opentelemetry/api";
import { setGlobalErrorHandler } from "@opentelemetry/core";
import type { Logger } from "../health/logger.ts";
import { ToldExportError } from "./push/export-health.ts";

const longestMessage = 500;
/** So many different complaints are told; whoever has more will not read them. */
const maxMessages = 50;

/** What others have told once and better: `ExportHealth` of a push that fails, `pushTargets` of a wrong address. */
const alreadyTold = [/ToldExportError/, /^Timeout$/, /metrics export timed out/, /environment-provided export URL/];
/** What follows from pushes that fail. */
const consequences = [/^Dropped \d+ spans/];

/** Passes on what the SDK complains of: each complaint once, without secrets. */
export class Diagnostics implements DiagLogger {
  /** Takes secrets out of a text. */
  redact: (text: string) => string = (text) => text;
  /** Whether pushes fail now. */
  isFailing: () => boolean = () => false;
  readonly #logger: Logger;
  readonly #told = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Makes the SDK of this process tell us what it complains of. */
  register(): void {
    diag.setLogger(this, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    setGlobalErrorHandler((error) => this.problem(error));
  }

  /** Tells of something that went wrong inside the SDK, which may reject with a list of errors. */
  problem(error: unknown): void {
    if (Array.isArray(error)) for (const each of error) this.problem(each);
    else if (!(error instanceof ToldExportError)) this.error(error instanceof Error ? error.message : String(error));
  }

  error(...parts: unknown[]): void {
    this.#tell("error", parts);
  }

  warn(...parts: unknown[]): void {
    this.#tell("warn", parts);
  }

  info(): void {} // The SDK's own business.
  debug(): void {}
  verbose(): void {}

  #tell(level: "warn" | "error", parts: readonly unknown[]): void {
    const message = this.redact(parts.map(textOf).filter(Boolean).join(" ")).slice(0, longestMessage);
    if (alreadyTold.some((pattern) => pattern.test(message))) return;
    if (this.isFailing() && consequences.some((pattern) => pattern.test(message))) return;
    const kind = message.replaceAll(/\d+/g, "#");
    if (this.#told.has(kind) || this.#told.size >= maxMessages) return;
    this.#told.add(kind);
    this.#logger[level]({ component: "opentelemetry" }, message);
  }
}

/** Objects are left out: nobody knows what they hold. */
function textOf(part: unknown): string {
  if (part instanceof Error) return part.message;
  return typeof part === "string" ? part : "";
}
