import { createServer } from "node:net";

/**
 * The target of the checks of a fleet, in a process of its own: answers each HTTP request, with 503 for the checks that it was told to
 * fail, and counts for each check how far apart its runs are, whoever runs it. A path is `/REPLICA/CHECK`. Its parent sends it
 * orders over IPC.
 */

export type TargetOrder =
  | { readonly order: "forget" | "read" }
  | { readonly order: "fail"; readonly checks: readonly string[] };

/** The argument of the process, as JSON. */
export interface TargetTask {
  readonly intervalMilliseconds: number;
}

/** What has been asked for since the start, or since the last `forget`. Moments are in milliseconds since the epoch. */
export interface Runs {
  readonly runs: number;
  /** Runs of a check that followed another one sooner than half an interval. */
  readonly early: number;
  /** … and sooner than a tenth of one: two replicas ran it at the same turn. */
  readonly doubled: number;
  /** Runs that followed the one before it later than one and a half intervals. */
  readonly late: number;
  readonly longestGapMilliseconds: number;
  /** The replica that ran each check last, since the start. */
  readonly ranBy: Readonly<Record<string, string>>;
  /** When each check was asked for first. */
  readonly first: Readonly<Record<string, number>>;
  /** When each check was answered with a failure. */
  readonly failures: Readonly<Record<string, readonly number[]>>;
  /** The moments at which each replica has asked. */
  readonly byReplica: Readonly<Record<string, readonly number[]>>;
}

/** A hundredth of an interval is the measurement's own. */
const earlyShare = 0.49;
const doubledShare = 0.1;
const lateShare = 1.51;

const { intervalMilliseconds }: TargetTask = JSON.parse(process.argv[2] ?? "{}");
const last = new Map<string, number>();
const ranBy = new Map<string, string>();
let failing = new Set<string>();
let first = new Map<string, number>();
let failures = new Map<string, number[]>();
let byReplica = new Map<string, number[]>();
let [runs, early, doubled, late, longestGapMilliseconds] = [0, 0, 0, 0, 0];

function forget(): void {
  first = new Map();
  failures = new Map();
  byReplica = new Map();
  [runs, early, doubled, late, longestGapMilliseconds] = [0, 0, 0, 0, 0];
}

function take(replica: string, check: string): void {
  const now = Date.now();
  const before = last.get(check);
  runs += 1;
  if (before !== undefined) {
    const gap = now - before;
    if (gap < earlyShare * intervalMilliseconds) early += 1;
    if (gap < doubledShare * intervalMilliseconds) doubled += 1;
    if (gap > lateShare * intervalMilliseconds) late += 1;
    longestGapMilliseconds = Math.max(longestGapMilliseconds, gap);
  }
  last.set(check, now);
  ranBy.set(check, replica);
  if (!first.has(check)) first.set(check, now);
  note(byReplica, replica, now);
  if (failing.has(check)) note(failures, check, now);
}

function note(moments: Map<string, number[]>, name: string, now: number): void {
  const known = moments.get(name);
  if (known === undefined) moments.set(name, [now]);
  else known.push(now);
}

function answer(check: string): string {
  const status = failing.has(check) ? "503 Service Unavailable" : "200 OK";
  return `HTTP/1.1 ${status}\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n`;
}

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => {}); // A probe that is given up resets its connection.
  socket.once("data", (request) => {
    // A probe's header is one small packet.
    const path = request.toString("latin1", 0, request.indexOf("\r\n")).split(" ")[1] ?? "";
    const [, replica = "", check = ""] = path.split("/");
    take(replica, check);
    socket.end(answer(check));
  });
});

function seen(): Runs {
  return {
    ...{ runs, early, doubled, late, longestGapMilliseconds },
    ranBy: Object.fromEntries(ranBy),
    first: Object.fromEntries(first),
    failures: Object.fromEntries(failures),
    byReplica: Object.fromEntries(byReplica),
  };
}

process.on("message", (order: TargetOrder) => {
  if (order.order === "forget") forget();
  if (order.order === "fail") failing = new Set(order.checks);
  process.send?.(order.order === "read" ? seen() : {});
});
process.on("disconnect", () => process.exit());
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => process.send?.(server.address()));
