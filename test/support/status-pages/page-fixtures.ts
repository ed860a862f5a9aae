/** What a check of a fixture must find. */
interface Finding {
  readonly message: string;
  /** ISO 8601. */
  readonly beganAt?: string;
}

/** Pages of a platform, shaped like the real ones of November 2026, and what is to be found in them. */
export interface PageFixtures {
  /** Where its pages are asked for, behind the address of the page. */
  readonly path: string;
  /** Options without which a check of it would not watch everything, or would be refused. */
  readonly options?: object;
  readonly healthy: string;
  readonly degraded: { readonly body: string; readonly found: Finding };
  readonly outage: { readonly body: string; readonly found: Finding };
  /** Undefined where the platform tells of none. */
  readonly maintenance?: { readonly body: string; readonly found: Finding };
  /** Options that name what the degraded page is not about. */
  readonly elsewhere: readonly object[];
  /** Options that name what the degraded page is about. */
  readonly concerned: readonly object[];
  /** The nearest to a component `Apo`; undefined where components are not listed. */
  readonly nearest?: string;
}
