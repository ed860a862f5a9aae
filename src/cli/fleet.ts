import type { ReportedCheck } from "../app/server-fleet.ts";
import { type FleetReport, fleetIssues } from "../fleet/fleet-report.ts";
import { elapsed } from "../formats/elapsed.ts";
import { escapeUnprintable } from "../formats/printable.ts";
import type { Console } from "./output/console.ts";
import { isPlain, isUnserved, type PathOptions, ServerPath } from "./remote/server-path.ts";

export interface FleetOptions extends PathOptions {
  /** The same as the format `json`. */
  readonly json?: boolean;
}

const advice =
  "Only a server with fleet: { redis: … } in its configuration has it; give its address without the path of an endpoint.";

/**
 * `healthspan fleet [check]`
 * @returns the exit code: 1 when something is wrong with the fleet, or nobody runs the check
 * @throws CommandError when the server could not be asked
 */
export async function fleet(check: string | undefined, options: FleetOptions, console: Console): Promise<0 | 1> {
  const server = new ServerPath("/-/fleet", advice, options);
  const response = await server.ask(check === undefined ? "" : `?check=${encodeURIComponent(check)}`);
  if (response.status === 404 && isPlain(response) && !isUnserved(response)) {
    console.stderr.write(`${escapeUnprintable(response.body.trim())}\n`);
    return 1;
  }
  if (response.status !== 200) throw server.refused(response);
  const report = server.read(response) as FleetReport & { readonly check?: ReportedCheck };
  if (options.json || options.format === "json") console.stdout.write(response.body);
  else console.stdout.write(report.check === undefined ? tableOf(report) : linesOn(report.check, report));
  if (report.check !== undefined) return report.check.holder === null ? 1 : 0;
  return report.complete ? 0 : 1;
}

function tableOf(report: FleetReport): string {
  const { fleet: name, replicas, newsAgeSeconds } = report;
  const count = replicas.length === 1 ? "1 replica" : `${replicas.length} replicas`;
  const age = newsAgeSeconds === null ? "" : `, the newest news are ${newsAgeSeconds} s old`;
  const rows = replicas.map((one) => [
    `${one.host}${one.answers ? " (answers)" : ""}`,
    one.version,
    String(one.shards),
    one.configuration,
    one.since,
  ]);
  const issues = fleetIssues(report);
  return [
    `Fleet ${name}: ${count}${report.connected ? ", Redis answers" : ""}${age}`,
    ...columns([["REPLICA", "VERSION", "SHARDS", "CONFIGURATION", "SINCE"], ...rows]),
    ...(issues.length > 0 ? issues : [`All ${report.shards} shards have a holder.`]),
  ]
    .map((line) => `${escapeUnprintable(line)}\n`)
    .join("");
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function linesOn(check: ReportedCheck, report: FleetReport): string {
  const { name, shared, shard, holder, state, lastRunAt } = check;
  const replica = report.replicas.find(({ id }) => id === holder);
  const place = `${replica?.host ?? "a replica that has not been heard yet"}${replica?.answers ? " (answers)" : ""}`;
  const who = !shared
    ? `${name} is run by each replica for itself, here by ${place}.`
    : holder === null
      ? `${name} (shard ${shard}) is run by no replica that is known.`
      : `${name} (shard ${shard}) is run by ${place}.`;
  const ran =
    lastRunAt === null
      ? "it has not run yet"
      : `its last run began ${elapsed(Date.now() - Date.parse(lastRunAt))} ago, at ${lastRunAt}`;
  return [`${who} It is ${state}; ${ran}.`, ...fleetIssues(report)]
    .map((line) => `${escapeUnprintable(line)}\n`)
    .join("");
}
