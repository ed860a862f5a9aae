import { z } from "zod";
import { secret } from "../../health/fields.ts";
import { addressBelow, headerSecret, partsOfAddress, serverAddress } from "../channel-fields.ts";
import { httpChannel, jsonRequest } from "../http-channel.ts";
import { isClosing, type Message, type Notice } from "../notice.ts";
import { problemOf, titleOf } from "../wording/words.ts";

/** How often what fires is told again, as Prometheus does, and for how many times that an alert lives without being told. */
const renewMilliseconds = 60_000;
const livesMilliseconds = 4 * renewMilliseconds;

const severities = { unhealthy: "critical", degraded: "warning", unknown: "warning" } as const;

/** Alertmanager, by its API v2, for who has one without Prometheus' rules. */
export const alertmanager = httpChannel({
  type: "alertmanager",
  summary: "Alertmanager: an alert fires until the check has recovered.",
  fields: {
    url: serverAddress().describe("The address of Alertmanager, such as `http://localhost:9093`."),
    labels: z
      .record(
        z.string().regex(/^[a-zA-Z_]\w*$/, "must be the name of a label: letters, digits and _"),
        z.string().min(1, "must not be empty"),
      )
      .default({})
      .describe("Labels that each alert has besides its own, to route it by."),
    username: z.string().min(1).optional().describe("The user to log in as."),
    password: secret().optional().describe("The password to log in with."),
    bearer: headerSecret().optional().describe("A token that is sent as bearer authentication."),
  },
  closes: true,
  renewMilliseconds,
  issue: ({ username, password, bearer }) => {
    if (password !== undefined && username === undefined) return "password goes with username";
    return username !== undefined && bearer !== undefined ? "give either username or bearer" : undefined;
  },
  secrets: ({ url, password, bearer }) => [password, bearer, ...partsOfAddress(url)].filter((one) => one !== undefined),
  request: ({ url, labels, username, password, bearer }, message, { at }) => {
    const login = Buffer.from(`${username}:${password?.reveal() ?? ""}`).toString("base64");
    return jsonRequest(
      addressBelow(url, "/api/v2/alerts"),
      message.notices.flatMap((notice) => alertsOf(notice, message, labels, at)),
      {
        ...(username !== undefined && { Authorization: `Basic ${login}` }),
        ...(bearer !== undefined && { Authorization: `Bearer ${bearer.reveal()}` }),
      },
    );
  },
});

/** The alert of a check; when it was another one before, because its state was another, that has ended. */
function alertsOf(notice: Notice, message: Message, labels: Readonly<Record<string, string>>, at: number) {
  const { formerState, state } = notice;
  if (isClosing(notice)) return [alertOf(notice, formerState ?? "unhealthy", message, labels, notice.at)];
  const now = notice.cause === "test" ? at + 60_000 : at + livesMilliseconds;
  const present = alertOf(notice, state, message, labels, now);
  if (formerState === undefined || severityOf(formerState) === severityOf(state)) return [present];
  return [alertOf(notice, formerState, message, labels, notice.at), present];
}

function alertOf(
  notice: Notice,
  state: Notice["state"],
  { service }: Message,
  labels: Readonly<Record<string, string>>,
  endsAt: number,
) {
  const { check, type, group, since, page, trace } = notice;
  const problem = problemOf(notice);
  return {
    labels: {
      ...labels,
      alertname: notice.cause === "test" ? "HealthspanTest" : "HealthCheckFailing",
      check,
      service,
      severity: notice.cause === "test" ? "info" : severityOf(state),
      ...(type !== undefined && { type }),
      ...(group.length > 0 && { group: group.join("/") }),
    },
    annotations: {
      summary: titleOf(notice),
      ...(problem !== "" && { description: problem }),
      ...(notice.reason !== undefined && { reason: notice.reason }),
      ...(trace !== undefined && { trace }),
    },
    // An alert must not end before it begins.
    startsAt: new Date(Math.min(since, endsAt)).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    ...(page !== undefined && { generatorURL: page }),
  };
}

function severityOf(state: Notice["state"]): string {
  return state === "unhealthy" || state === "degraded" ? severities[state] : severities.unknown;
}
