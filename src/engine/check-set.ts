import { isDeepStrictEqual } from "node:util";
import { type HealthCheck, optionsOf } from "../health/health-check.ts";
import type { Endpoint } from "../health/report.ts";
import type { MonitoredCheck } from "./monitored-check.ts";

/**
 * The checks of a monitor: by name, with the dependants of each, and the version of what is known about them. The monitor
 * replaces them, the runner renews their results, and both hold this one object.
 */
export class CheckSet implements Iterable<MonitoredCheck> {
  #byName: ReadonlyMap<string, MonitoredCheck> = new Map();
  /** By the name of the check that they depend on. */
  #dependants: ReadonlyMap<string, readonly MonitoredCheck[]> = new Map();
  /** By the list of names of an endpoint, so that frequent requests for thousands of checks do not look each one up. */
  #byList = new WeakMap<readonly string[], readonly MonitoredCheck[]>();
  #version = 0;
  #replacements = 0;

  constructor(checks: readonly MonitoredCheck[]) {
    this.#take(checks);
  }

  /** Counts up whenever a report may say something new: with every result, when the checks are replaced, and by {@link outdate}. */
  get version(): number {
    return this.#version;
  }

  /** Counts up when the checks are replaced. */
  get replacements(): number {
    return this.#replacements;
  }

  [Symbol.iterator](): Iterator<MonitoredCheck> {
    return this.#byName.values();
  }

  find(name: string): MonitoredCheck | undefined {
    return this.#byName.get(name);
  }

  /** @throws Error when there is no check of this name */
  named(name: string): MonitoredCheck {
    const monitored = this.#byName.get(name);
    if (monitored === undefined) throw new Error(`no check is called "${name}"`);
    return monitored;
  }

  /**
   * The checks of an endpoint. They are looked up once for each list of names, until the checks are replaced.
   * @throws Error when there is no check of one of the names
   */
  of({ checks }: Pick<Endpoint, "checks">): readonly MonitoredCheck[] {
    let monitored = this.#byList.get(checks);
    if (monitored === undefined) {
      monitored = checks.map((name) => this.named(name));
      this.#byList.set(checks, monitored);
    }
    return monitored;
  }

  /** Until when a report on these checks stays true unless {@link version} changes, on the monotonic clock. */
  freshUntil(names: readonly string[]): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const one of this.#byList.get(names) ?? names.map((name) => this.#byName.get(name))) {
      earliest = Math.min(earliest, one?.freshUntil ?? Number.NEGATIVE_INFINITY);
    }
    return earliest;
  }

  /** Whether this check is still one of them, rather than replaced by another one with its name. */
  includes(monitored: MonitoredCheck): boolean {
    return this.#byName.get(monitored.check.name) === monitored;
  }

  dependantsOf(name: string): readonly MonitoredCheck[] {
    return this.#dependants.get(name) ?? [];
  }

  /** Records that a check has a new result. */
  renewed(monitored: MonitoredCheck): void {
    this.#version += 1;
    monitored.renewedVersion = this.#version;
  }

  /** Records that a report may say something new although no check has a new result. */
  outdate(): void {
    this.#version += 1;
  }

  /**
   * Puts other checks in place of the current ones.
   * @returns those that are gone
   */
  replace(checks: readonly MonitoredCheck[]): readonly MonitoredCheck[] {
    const before = [...this];
    this.#take(checks);
    this.#version += 1;
    this.#replacements += 1;
    return before.filter((monitored) => !this.includes(monitored));
  }

  #take(checks: readonly MonitoredCheck[]): void {
    this.#byName = new Map(checks.map((monitored) => [monitored.check.name, monitored]));
    this.#dependants = dependantsAmong(checks);
    this.#byList = new WeakMap();
  }
}

function dependantsAmong(checks: readonly MonitoredCheck[]): Map<string, MonitoredCheck[]> {
  const dependants = new Map<string, MonitoredCheck[]>();
  for (const monitored of checks) {
    for (const name of monitored.check.dependsOn) {
      const others = dependants.get(name);
      if (others === undefined) dependants.set(name, [monitored]);
      else others.push(monitored);
    }
  }
  return dependants;
}

/** Whether two checks are of one class and have the same options. */
export function isSame(one: HealthCheck, other: HealthCheck): boolean {
  return (
    one === other || (one.constructor === other.constructor && isDeepStrictEqual(optionsOf(one), optionsOf(other)))
  );
}
