/**
 * What a check talks to, in words that OpenTelemetry's stable semantic conventions have an attribute for. The
 * telemetry puts them on the span of each run; nothing here may hold a credential.
 */
export interface Target {
  /** Host name or address, or the path of a Unix socket (`server.address`). */
  readonly address?: string | undefined;
  /** `server.port` */
  readonly port?: number | undefined;
  /** The address of what is requested, without user information and query (`url.full`). */
  readonly url?: string | undefined;
  /** `http.request.method` */
  readonly method?: string | undefined;
  /**
   * The product, by its name in the semantic conventions, such as `postgresql` or `rabbitmq`: one of `systemNames` in
   * `telemetry/system-names.ts`, which says whether it becomes `db.system.name` or `messaging.system`.
   */
  readonly system?: string | undefined;
  /** The database's name or number (`db.namespace`). */
  readonly namespace?: string | undefined;
  /** The queue, topic or stream that is looked at (`messaging.destination.name`). */
  readonly destination?: string | undefined;
  /** Who takes messages from it (`messaging.consumer.group.name`). */
  readonly consumerGroup?: string | undefined;
  /** The name that is looked up in the DNS (`dns.question.name`). */
  readonly question?: string | undefined;
}
