import { createServer } from "node:net";

/**
 * The target of probes, in a process of its own, so that its work is not counted: answers every HTTP request as cheaply as
 * possible, and records when each path was asked for. Its parent sends it orders over IPC.
 */

/** An order by the parent. */
export type TargetOrder = { readonly order: "read" } | { readonly order: "forget" };

/** The requests since the start, or since the last `forget`. */
export interface Arrivals {
  readonly requests: number;
  /** How many paths were asked for. */
  readonly paths: number;
  /** The shortest time between two requests for one path; infinite when none was asked for twice. */
  readonly shortestGapMilliseconds: number;
  readonly longestGapMilliseconds: number;
  /** Requests for the path with most, and for the one with fewest. */
  readonly maxOfOnePath: number;
  readonly leastOfOnePath: number;
  /** The most requests within 100 ms. */
  readonly maxAtOnce: number;
}

const answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
const windowMilliseconds = 100;
const delayMilliseconds = Number(process.argv[2] ?? 0);
const seen = new Map<string, { count: number; lastAt: number }>();
let shortestGapMilliseconds = Number.POSITIVE_INFINITY;
let longestGapMilliseconds = 0;
let recent: number[] = [];
let maxAtOnce = 0;

function take(path: string): void {
  const now = performance.now();
  const before = seen.get(path);
  if (before === undefined) {
    seen.set(path, { count: 1, lastAt: now });
  } else {
    shortestGapMilliseconds = Math.min(shortestGapMilliseconds, now - before.lastAt);
    longestGapMilliseconds = Math.max(longestGapMilliseconds, now - before.lastAt);
    before.count += 1;
    before.lastAt = now;
  }
  recent.push(now);
  if (recent.length > 10_000 || (recent[0] ?? now) < now - windowMilliseconds) {
    recent = recent.filter((at) => at > now - windowMilliseconds);
  }
  maxAtOnce = Math.max(maxAtOnce, recent.length);
}

function arrivals(): Arrivals {
  const counts = [...seen.values()].map(({ count }) => count);
  return {
    requests: counts.reduce((sum, count) => sum + count, 0),
    paths: counts.length,
    shortestGapMilliseconds,
    longestGapMilliseconds,
    maxOfOnePath: counts.reduce((most, count) => Math.max(most, count), 0),
    leastOfOnePath: counts.length === 0 ? 0 : counts.reduce((least, count) => Math.min(least, count)),
    maxAtOnce,
  };
}

/** Paths keep the moment of their last request, so that a gap across this moment is seen. */
function forget(): void {
  for (const path of seen.values()) path.count = 0;
  shortestGapMilliseconds = Number.POSITIVE_INFINITY;
  longestGapMilliseconds = 0;
  recent = [];
  maxAtOnce = 0;
}

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => {}); // A probe that is given up resets its connection.
  socket.once("data", (request) => {
    // A probe's header is one small packet.
    take(request.toString("latin1", 0, request.indexOf("\r\n")).split(" ")[1] ?? "");
    if (delayMilliseconds === 0) socket.end(answer);
    else setTimeout(() => socket.end(answer), delayMilliseconds);
  });
});
process.on("message", ({ order }: TargetOrder) => {
  if (order === "forget") forget();
  process.send?.(order === "read" ? arrivals() : {});
});
process.on("disconnect", () => process.exit());
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => process.send?.(server.address()));
