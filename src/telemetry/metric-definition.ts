/** A metric of ours: what its instrument says of it, and the reference. */
export interface MetricDefinition {
  /** Follows OpenTelemetry's rules for names (specification, "Metrics semantic conventions"). */
  readonly name: string;
  readonly instrument:
    | "observable gauge"
    | "histogram"
    | "counter"
    | "observable counter"
    | "observable up-down counter";
  /** In the notation of UCUM; empty for a number without one, because `1` would become a suffix in Prometheus. */
  readonly unit: string;
  /** A sentence. */
  readonly description: string;
  /**
   * What has series of it, and where they are read: each check or each endpoint at `/metrics`, this process at `/metrics`, or
   * the target of a `/probe`. Those of a check carry its labels.
   */
  readonly of: "check" | "endpoint" | "process" | "probe";
  /** The attributes of its series besides the labels of a check. */
  readonly attributes: readonly string[];
}
