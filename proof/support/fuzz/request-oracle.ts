import { gunzipSync } from "node:zlib";
import type { HealthMonitor } from "../../../src/engine/monitor.ts";
import { listen } from "../../../src/server/listen.ts";
import type { RememberingLogger } from "../../../test/support/logs.ts";
import { sendRaw } from "./raw-request.ts";

/** A request as it is sent; each character is one byte. */
export interface RequestCase {
  readonly bytes: string;
  /** Whether the client half-closes the connection at once, because it has announced more than it sends. */
  readonly hangUp?: boolean;
}

/** A request that closes its connection, so that no case depends on the one before. */
export function request(start: string, headers: readonly string[], body = ""): string {
  const host = headers.some((header) => header.startsWith("Host:")) ? [] : ["Host: localhost"];
  return `${[`${start} HTTP/1.1`, ...host, "Connection: close", ...headers].join("\r\n")}\r\n\r\n${body}`;
}

/** Listens on a free port of 127.0.0.1. */
export async function listenOn(listener: Parameters<typeof listen>[0], monitor: HealthMonitor) {
  const listening = await listen(listener, "127.0.0.1", 0);
  return {
    port: Number(new URL(listening.url).port),
    close: async () => {
      await listening.stop(1000);
      await monitor.close();
    },
  };
}

/** The one endpoint that may answer 503, and the one check of it. */
const failing = /^\/health\/failing(\/failing)?\/?$/;

/**
 * Sends a request.
 * @returns the status code, in words when there was none because the client hung up
 * @throws Error when the answer is a 5xx that is not the health status, when there is none or it comes only after the client
 * has hung up, or when something was logged as an error
 */
export async function bearRequest(port: number, one: RequestCase, logger: RememberingLogger): Promise<string> {
  const { bytes, hangUp = false } = one;
  logger.lines.length = 0;
  const { status, text, waited } = await sendRaw(port, Buffer.from(bytes, "latin1"), { hangUp });
  if (status !== undefined && status >= 500 && !isHealthStatus(status, text, bytes))
    throw new Error(text.slice(0, 2000));
  if (!hangUp && status === undefined) throw new Error("closed without an answer");
  if (waited) throw new Error(`answered ${status} only when the client had hung up`);
  const errors = logger.lines.filter(({ level }) => level === "error");
  if (errors.length > 0) throw new Error(`logged: ${JSON.stringify(errors).slice(0, 2000)}`);
  return status === undefined ? "closed without an answer, as the client had hung up" : String(status);
}

function isHealthStatus(status: number, answer: string, bytes: string): boolean {
  // Node takes several spaces for one.
  const [, method, target = ""] = /^(\S+) +(\S+)/.exec(bytes) ?? [];
  const saysWhy = method === "HEAD" || bodyOf(answer).includes("down");
  return status === 503 && saysWhy && failing.test(pathOf(target));
}

/** The body of an answer as text; that of a compressed one uncompressed. */
function bodyOf(answer: string): string {
  const end = answer.indexOf("\r\n\r\n");
  const body = answer.slice(end + 4);
  if (!/^content-encoding: gzip\r?$/im.test(answer.slice(0, end + 2))) return body;
  return gunzipSync(Buffer.from(body, "latin1")).toString();
}

/** The path of a request's target, be it a path or a whole address (RFC 9112, section 3.2). */
function pathOf(target: string): string {
  const [path = ""] = target.replace(/^https?:\/\/[^/?]*/i, "").split("?", 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // A percent sign that begins no character.
  }
}
