import { elapsed } from "../../formats/elapsed.ts";
import { printable } from "../../formats/printable.ts";
import { isClosing, type Message, type Notice } from "../notice.ts";

/** What a notice is about, in a few words: `orders is unhealthy`. */
export function titleOf(notice: Notice): string {
  const { cause, check, state } = notice;
  const name = printable(check);
  switch (cause) {
    case "failed":
      return `${name} is ${state}`;
    case "lasts":
      return `${name} is still ${state}`;
    case "recovered":
      return state === "healthy" ? `${name} has recovered` : `${name} has recovered, but is ${state}`;
    case "removed":
      return `${name} is no longer checked`;
    case "test":
      return "this is a test";
  }
}

/** What a message is about: of several notices how many there are of which kind. */
export function headlineOf({ service, notices }: Message): string {
  const [first, ...others] = notices;
  if (first === undefined) return printable(service);
  if (others.length === 0) return `${printable(service)}: ${titleOf(first)}`;
  const kinds = new Map<string, number>();
  for (const notice of notices) {
    const kind = isClosing(notice) ? (notice.cause === "recovered" ? "recovered" : "no longer checked") : notice.state;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const counts = [...kinds].map(([kind, count]) => `${count} ${kind}`).join(", ");
  return `${printable(service)}: ${notices.length} checks, ${counts}`;
}

/** One thing that is said of a check. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** What is wrong: `Unavailable: connection refused`; empty when nothing is to be said. */
export function problemOf({ kind, message }: Notice): string {
  return printable([kind, message].filter((part) => part !== undefined && part !== "").join(": "));
}

/** Everything else that is said of a check, the links aside. */
export function factsOf(notice: Notice): readonly Fact[] {
  const { state, reason, group, since, at, changes, uptime, cause, formerState } = notice;
  const facts: Fact[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== "") facts.push({ name, value: printable(value) });
  };
  if (cause === "test") return facts;
  add("State", formerState === undefined ? state : `${state}, was ${formerState}`);
  add("Reason", reason);
  add("Group", group.join(" / "));
  add("Since", moment(since));
  add(isClosing(notice) ? "Lasted" : "So far", at > since ? elapsed(at - since) : undefined);
  add("Changed", changes && `${changes.count} times in ${elapsed(changes.withinMilliseconds)}`);
  add("Uptime", uptime && uptimeText(uptime));
  return facts;
}

/** `99.95 % of 29.8 days known` */
function uptimeText({ availableSeconds, knownSeconds, window }: NonNullable<Notice["uptime"]>): string | undefined {
  if (knownSeconds <= 0) return undefined;
  const share = (100 * availableSeconds) / knownSeconds;
  // Rounded down: 100 % is only said of what never failed.
  const percent = availableSeconds >= knownSeconds ? "100" : (Math.floor(share * 100) / 100).toFixed(2);
  const days = knownSeconds / 86_400;
  const known = days >= 1 ? `${Number(days.toFixed(1))} days` : elapsed(knownSeconds * 1000);
  return `${percent} % of ${known} known (${window})`;
}

/** `2026-11-29 02:36:55 UTC` */
export function moment(milliseconds: number): string {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return "";
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** The whole notice as lines of plain text. */
export function plainText(notice: Notice): string {
  const { page, trace } = notice;
  const problem = problemOf(notice);
  return [
    titleOf(notice),
    ...(problem === "" ? [] : [problem]),
    ...factsOf(notice).map(({ name, value }) => `${name}: ${value}`),
    ...(page === undefined ? [] : [`Page: ${page}`]),
    ...(trace === undefined ? [] : [`Trace: ${trace}`]),
  ].join("\n");
}
