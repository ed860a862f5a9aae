import { type Logger, pino } from "pino";

/** How to log, and where. */
export interface LoggerOptions {
  /** `debug`, `info`, `warn`, `error` or `silent` */
  readonly level: string;
  readonly destination: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Fields whose content the message repeats: hidden on a terminal. */
const repeatedInMessage = "check,type,from,to,url,endpoints,source,signal,trace_id,span_id";

/** Creates the log: one JSON object per line for collectors, readable lines on a terminal. */
export async function createLogger({ level, destination }: LoggerOptions): Promise<Logger> {
  const options = {
    level,
    base: null,
    // Collectors expect a word, not pino's number.
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  };
  if (destination.isTTY !== true) return pino(options, destination);
  const { default: pretty } = await import("pino-pretty");
  return pino(
    options,
    pretty({ destination, sync: true, singleLine: true, ignore: repeatedInMessage, translateTime: "HH:MM:ss" }),
  );
}
