import { type DiagLogger, DiagLogLevel, diag } from "@opentelemetry/api";
import type { Logger } from "../health/logger.ts";
import { setGlobalErrorHandler } from "./open-telemetry-core.ts";
import { ReportedExportError } from "./push/export-health.ts";

const maxCharacters = 500;
/** How many different messages are logged: nobody reads more. */
const maxMessages = 50;

/** What is logged elsewhere, once and better: a failed push by `ExportHealth`, a wrong address by `pushTargets`. */
const alreadyLogged = [
  /ReportedExportError/,
  /^Timeout$/,
  /metrics export timed out/,
  /environment-provided export URL/,
];
/** Consequences of failed pushes. */
const consequences = [/^Dropped \d+ spans/];

/** Logs what the SDK complains of: each complaint once, without secrets. */
export class Diagnostics implements DiagLogger {
  /** Takes secrets out of a text. */
  redact: (text: string) => string = (text) => text;
  /** Whether pushes fail now. */
  isFailing: () => boolean = () => false;
  readonly #logger: Logger;
  readonly #logged = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Makes the SDK of this process report its complaints here. */
  register(): void {
    diag.setLogger(this, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    setGlobalErrorHandler((error) => this.problem(error));
  }

  /** Logs what went wrong inside the SDK, which may reject with a list of errors. */
  problem(error: unknown): void {
    if (Array.isArray(error)) for (const each of error) this.problem(each);
    else if (!(error instanceof ReportedExportError))
      this.error(error instanceof Error ? error.message : String(error));
  }

  error(...parts: unknown[]): void {
    this.#log("error", parts);
  }

  warn(...parts: unknown[]): void {
    this.#log("warn", parts);
  }

  info(): void {} // Of no interest outside the SDK.
  debug(): void {}
  verbose(): void {}

  #log(level: "warn" | "error", parts: readonly unknown[]): void {
    const message = this.redact(parts.map(textOf).filter(Boolean).join(" ")).slice(0, maxCharacters);
    if (alreadyLogged.some((pattern) => pattern.test(message))) return;
    if (this.isFailing() && consequences.some((pattern) => pattern.test(message))) return;
    const kind = message.replaceAll(/\d+/g, "#");
    if (this.#logged.has(kind) || this.#logged.size >= maxMessages) return;
    this.#logged.add(kind);
    this.#logger[level]({ component: "opentelemetry" }, message);
  }
}

/** Objects are left out: they may hold anything. */
function textOf(part: unknown): string {
  if (part instanceof Error) return part.message;
  return typeof part === "string" ? part : "";
}
