import { type Logger, pino } from "pino";

export interface LoggerOptions {
  /** `debug`, `info`, `warn`, `error` or `silent` */
  readonly level: string;
  readonly destination: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** What the message says too: for machines, not for people. */
const saidInWords = "check,type,from,to,url,endpoints,source,signal,trace_id,span_id";

/** The program's log: one JSON object a line, for collectors; readable lines on a terminal, for people. */
export async function createLogger({ level, destination }: LoggerOptions): Promise<Logger> {
  const options = {
    level,
    base: null,
    // A word says more than pino's number, and is what collectors look for.
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  };
  if (destination.isTTY !== true) return pino(options, destination);
  const { default: pretty } = await import("pino-pretty");
  return pino(
    options,
    pretty({ destination, sync: true, singleLine: true, ignore: saidInWords, translateTime: "HH:MM:ss" }),
  );
}
