import { CommandError } from "./command-error.ts";
import type { Console } from "./console.ts";

/** What writing fails with once nobody reads: a pipe, a socket or a terminal that was closed. */
const readerLeftCodes = ["EPIPE", "ECONNRESET", "EIO", "ERR_STREAM_DESTROYED"];

/**
 * Keeps the process running when the reader of its output goes away, as with `| head -1`, which without a listener ends it
 * with a stack trace. The work goes on, so that the exit code is the same as with a reader.
 * @returns a function that throws a CommandError if output was lost for another reason, such as a full disk
 */
export function tolerateBrokenPipes({ stdout, stderr }: Console): () => void {
  let lost: NodeJS.ErrnoException | undefined;
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (!readerLeftCodes.includes(error.code ?? "")) lost ??= error;
  });
  stderr.on("error", () => {}); // There is nowhere left to report it, and a server goes on without its log.
  return () => {
    if (lost !== undefined) throw new CommandError(`The output could not be written: ${lost.message}`, { cause: lost });
  };
}
