import { type FleetReport, fleetIssues, type ReportedReplica } from "../fleet/fleet-report.ts";
import { wholeNumber } from "../formats/elapsed.ts";
import { type Markup, markup } from "../formats/markup.ts";
import { lasting } from "./moment.ts";
import { badge } from "./states.ts";

/** The replicas of a fleet, and whether together they run all checks. */
export function fleetSection(report: FleetReport, now: number): Markup {
  const { fleet, replicas, configurations, newsAgeSeconds } = report;
  const issues = fleetIssues(report);
  const said = issues.length > 0 ? issues : ["Redis answers, and every shard has a holder."];
  const age = newsAgeSeconds !== null && issues.length === 0 && ` The newest news are ${newsAgeSeconds} s old.`;
  const withDigest = configurations > 1;
  return markup`<section><h2>Fleet <bdi>${fleet}</bdi> <span class="count">${wholeNumber(replicas.length)}</span></h2>
<p>${badge(issues.length > 0 ? "degraded" : "healthy")} ${said.join(" ")}${age}</p>
${
  replicas.length > 0 &&
  markup`<div class="card"><table class="checks" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Replica</th><th role="columnheader" scope="col">Shards</th><th role="columnheader" scope="col">There for</th></tr></thead>
<tbody role="rowgroup">${replicas.map((replica) => row(replica, withDigest, now))}</tbody></table></div>`
}</section>
`;
}

function row(
  { host, version, since, shards, configuration, answers }: ReportedReplica,
  withDigest: boolean,
  now: number,
) {
  return markup`<tr role="row"><th scope="row" role="rowheader"><bdi class="name">${host}</bdi>${
    answers && markup`<span class="label">tells this</span>`
  }<div class="history">version <bdi>${version}</bdi>${withDigest && markup`, configuration <bdi>${configuration}</bdi>`}</div></th><td role="cell">${wholeNumber(shards)}</td><td role="cell">${lasting(Date.parse(since), now)}</td></tr>
`;
}
