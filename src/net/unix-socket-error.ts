import { ServiceUnavailable } from "../health/errors.ts";

/**
 * Recognises that no server listens at the path of a Unix socket, or that the user may not connect to it.
 * @returns undefined for any other error
 */
export function unixSocketError(error: unknown): ServiceUnavailable | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== "connect") return undefined;
  if (code === "ENOENT") {
    return new ServiceUnavailable("no such socket", { reason: "connection_refused", cause: error });
  }
  if (code === "EACCES") {
    const message = "the user lacks the permission for the socket";
    return new ServiceUnavailable(message, { reason: "authentication", cause: error });
  }
  return undefined;
}
