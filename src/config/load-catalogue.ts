import { catalogue, summaries } from "../checks/index.ts";
import type { HealthCheckClass } from "../health/health-check.ts";

/** A check of the catalogue. */
export interface CataloguedCheck {
  /** What a configuration calls it. */
  readonly type: string;
  /** What it does, in a sentence. */
  readonly summary: string;
  readonly Check: HealthCheckClass;
}

/** Loads every check of the catalogue: for what tells of all of them. */
export function loadCatalogue(): Promise<readonly CataloguedCheck[]> {
  return Promise.all(
    Object.entries(catalogue).map(async ([type, load]) => {
      const summary = summaries[type as keyof typeof catalogue]; // Object.entries forgets the type of the keys.
      return { type, summary, Check: await load() };
    }),
  );
}
