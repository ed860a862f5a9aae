import { catalogue, summaries } from "../checks/index.ts";
import type { HealthCheckClass } from "../health/health-check.ts";

/** A check in the catalogue. */
export interface CataloguedCheck {
  /** The `type` that selects it in a configuration. */
  readonly type: string;
  /** What it does, in a sentence. */
  readonly summary: string;
  readonly Check: HealthCheckClass;
}

/** Loads every check in the catalogue, for commands and pages that describe them all. */
export function loadCatalogue(): Promise<readonly CataloguedCheck[]> {
  return Promise.all(
    Object.entries(catalogue).map(async ([type, load]) => {
      const summary = summaries[type as keyof typeof catalogue]; // Object.entries forgets the type of the keys.
      return { type, summary, Check: await load() };
    }),
  );
}
