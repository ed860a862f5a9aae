import { type Beat, Heartbeat } from "../checks/heartbeat.ts";
import { readReport } from "../clients/heartbeat/beat.ts";
import type { HealthMonitor } from "../engine/monitor.ts";
import { isShared } from "../engine/sharing/sharing.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { HeardText } from "../fleet/shared-texts.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { BeatTaker } from "../server/routes/heartbeat.ts";

/** Of a record that was renewed so lately, somebody has listened for the check: so many intervals, and so many leases. */
const lately = 2;

/**
 * Heartbeats in a fleet: what any replica is told, all of them know. Each keeps its own object up to date, whoever runs the check, and
 * one that takes it over goes on from what is remembered and what has been told since then.
 */
export class FleetBeats implements BeatTaker {
  readonly #fleet: Fleet;
  readonly #leaseMilliseconds: number;
  readonly #monitor: HealthMonitor;

  constructor(fleet: Fleet, leaseMilliseconds: number, monitor: HealthMonitor) {
    this.#fleet = fleet;
    this.#leaseMilliseconds = leaseMilliseconds;
    this.#monitor = monitor;
    fleet.recalled = (check) => this.#recalled(check);
    fleet.texts.beats.listen((heard) => this.#hear(heard));
  }

  /** @returns false when Redis did not take it */
  async take(check: Heartbeat, beat: Beat): Promise<boolean> {
    const id = `${check.name}/${beat.kind === "start" ? "start" : "end"}`;
    try {
      return await this.#fleet.texts.beats.write(id, JSON.stringify(check.presentable(beat)));
    } catch {
      return false; // The job is told so; who watches over the connection has logged why.
    }
  }

  #hear({ id, text, at, isNews }: HeardText): void {
    const name = id.slice(0, id.indexOf("/"));
    const check = this.#monitor.checks.find((one) => one.name === name);
    const beat = text === undefined ? undefined : readReport(text);
    if (!(check instanceof Heartbeat) || beat === undefined) return;
    check.hear(beat, at, this.#fleet.texts.ago(at), isNews);
    const runsHere = !isShared(check) || this.#fleet.lockOf(name) !== undefined;
    if (runsHere && isNews) void this.#monitor.renew(name);
  }

  /** Tells a check again what came after what it remembers, in the order in which it came. */
  #recalled(check: HealthCheck): void {
    if (!(check instanceof Heartbeat)) return;
    const { beats } = this.#fleet.texts;
    const told = ["start", "end"].flatMap((kind) => beats.get(`${check.name}/${kind}`) ?? []);
    for (const { text, at } of told.toSorted((one, other) => one.at - other.at)) {
      const beat = readReport(text);
      if (beat !== undefined) check.hear(beat, at, this.#fleet.texts.ago(at), false);
    }
    const { renewedAt = Number.NEGATIVE_INFINITY } = this.#fleet.recordOf(check.name) ?? {};
    const milliseconds = lately * ((check.interval?.milliseconds ?? 0) + this.#leaseMilliseconds);
    if (performance.now() - renewedAt < milliseconds) check.wasListenedFor();
  }
}
