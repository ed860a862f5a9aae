import { type HealthCheckError, ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { NoConnectionLeftForUser } from "../../net/kept-connection.ts";
import { foreignProtocol, type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";

/** Why a server closes a connection or a channel. */
export interface AmqpRefusal {
  readonly code: number;
  /** The server's words, which name users and queues: never repeated, but the code alone does not say enough. */
  readonly text: string;
}

/** What reply codes mean (AMQP 0-9-1 specification, section 1.3, "Constants"), with what RabbitMQ 3.10 says beside them. */
const knownRefusals: readonly (readonly [code: number, text: RegExp, meaning: KnownError])[] = [
  [320, /./, ["unavailable", "the server is shutting down, or somebody closed the connection there"]],
  [403, /Login was refused/, knownErrors.loginRefused],
  [403, /queue/, knownErrors.permissionMissing("the queue")],
  [404, /is down|inaccessible|stopped|timeout|no leader/i, ["unavailable", "the queue is down: no node serves it"]],
  [404, /./, ["assertion", "the virtual host has no queue of that name"]],
  [
    405,
    /./,
    ["assertion", "the queue belongs to another connection alone: leave it out, or declare it as not exclusive"],
  ],
  [530, /channels/, ["unavailable", "the user has no channel left"]],
  [530, /limit/, knownErrors.noConnectionLeft],
  [530, /not found/, ["assertion", "the server has no such virtual host"]],
  [530, /refused/, knownErrors.permissionMissing("the virtual host")],
  [541, /vhost/, ["unavailable", "the virtual host is down"]],
];

/** Says what it means that a server has closed a connection or a channel. */
export function amqpError({ code, text }: AmqpRefusal): HealthCheckError {
  const found = knownRefusals.find(([known, pattern]) => known === code && pattern.test(text));
  const [reason, message] = found?.[2] ?? (["unavailable", `the server refused with code ${code}`] as const);
  // The limit of a user or a virtual host, which the check's own previous connection may have reached.
  if (message === knownErrors.noConnectionLeft[1]) return new NoConnectionLeftForUser(message);
  if (reason === "assertion") return new ServiceReturnedUnexpectedResult(message, { reason });
  return serverError([reason, message]);
}

/** What people call AMQP 0-9-1, of which few have heard. */
export const protocol = "RabbitMQ";

/** What came is not of AMQP 0-9-1. */
export const foreignRabbitmq = (): HealthCheckError => foreignProtocol(protocol);
