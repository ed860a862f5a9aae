import type { Incident } from "../../health/history/history.ts";

/** Incidents of one check that followed each other so closely that they are told as one. */
export interface Flapping {
  readonly check: string;
  /** The newest first; at least three. */
  readonly incidents: readonly Incident[];
  /** When the first began and the last ended, in milliseconds since the epoch; undefined while it lasts. */
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly state: Incident["state"];
}

/** One incident, or several that are told as one. */
export type Episode = Incident | Flapping;

/** A check that fails again within this time has not recovered. */
const maxPauseMilliseconds = 10 * 60_000;
const fewest = 3;

/**
 * Folds incidents of the same check that followed each other within ten minutes, from three on.
 * @param incidents the newest first; so are the episodes, by their latest incident
 */
export function foldFlapping(incidents: readonly Incident[]): readonly Episode[] {
  const runs: Incident[][] = [];
  const latest = new Map<string, Incident[]>();
  for (const incident of incidents) {
    const run = latest.get(incident.check);
    const next = run?.at(-1);
    if (run !== undefined && next !== undefined && follows(next, incident)) {
      run.push(incident);
    } else {
      const begun = [incident];
      latest.set(incident.check, begun);
      runs.push(begun);
    }
  }
  return runs.flatMap(episodesOf).sort((one, other) => startOf(other) - startOf(one));
}

function follows(later: Incident, earlier: Incident): boolean {
  return earlier.endedAt !== undefined && later.startedAt - earlier.endedAt <= maxPauseMilliseconds;
}

function episodesOf(incidents: readonly Incident[]): readonly Episode[] {
  const [newest, oldest] = [incidents[0], incidents.at(-1)];
  if (incidents.length < fewest || newest === undefined || oldest === undefined) return incidents;
  const { check, endedAt } = newest;
  const state = incidents.some((incident) => incident.state === "unhealthy") ? "unhealthy" : "degraded";
  return [{ check, incidents, startedAt: oldest.startedAt, endedAt, state }];
}

/** When the latest of it began. */
function startOf(episode: Episode): number {
  return "incidents" in episode ? (episode.incidents[0]?.startedAt ?? episode.startedAt) : episode.startedAt;
}
