import {
  type HealthCheckError,
  ServiceReturnedUnexpectedResult,
  ServiceUnavailable,
  ServiceWarning,
} from "../../health/errors.ts";
import type { AnswerKind, DnsAnswer } from "./dns-answer.ts";
import { isOlderSerial, sameRecord, serialOf } from "./dns-records.ts";
import type { RecordType } from "./record-types.ts";

/** What may be demanded of an answer besides records. */
export const expectedKinds = ["records", "nodata", "nxdomain"] as const satisfies readonly AnswerKind[];

/** What was asked, and what the answer is to be. */
export interface AnswerTerms {
  readonly hostname: string;
  readonly recordType: RecordType;
  readonly answer: (typeof expectedKinds)[number];
  readonly expected?: readonly string[] | undefined;
  readonly exact: boolean;
  readonly expectedCname?: readonly string[] | undefined;
  readonly authenticated: boolean;
  readonly minSerial?: number | undefined;
}

/**
 * Says what is wrong with an answer. Undefined: nothing.
 * @param server what the server is called in a sentence
 */
export function judgeAnswer(answer: DnsAnswer, terms: AnswerTerms, server: string): HealthCheckError | undefined {
  return (
    judgeKind(answer, terms, server) ??
    judgeChain(answer, terms) ??
    judgeRecords(answer, terms) ??
    judgeAuthentication(answer, terms, server) ??
    judgeSerial(answer, terms)
  );
}

function judgeKind(
  { kind, chain, records }: DnsAnswer,
  { hostname, recordType, answer }: AnswerTerms,
  server: string,
): HealthCheckError | undefined {
  if (kind === answer) return undefined;
  const subject = chain.length === 0 ? hostname : `${hostname} leads to ${chain.at(-1)}, which`;
  const found: Readonly<Record<AnswerKind, string>> = {
    records: `${recordType} of ${hostname} is ${listed(records)}`,
    nodata: `${subject} has no ${recordType} record`,
    nxdomain: `${subject} does not exist (NXDOMAIN)`,
    referral: `${server} only refers to other name servers: ask one that looks names up for others, or one of the zone`,
  };
  if (answer === "records" || kind === "referral") return new ServiceUnavailable(found[kind], { reason: "dns" });
  const expected = answer === "nodata" ? "a name without such a record" : "no such name (NXDOMAIN)";
  return unexpected(`${found[kind]}, expected ${expected}`);
}

function judgeChain({ chain }: DnsAnswer, { hostname, expectedCname = [] }: AnswerTerms): HealthCheckError | undefined {
  const missing = expectedCname.filter((name) => !chain.some((each) => sameRecord("CNAME", each, name)));
  if (missing.length === 0) return undefined;
  const found = chain.length === 0 ? "is no alias" : `leads to ${listed(chain)}`;
  return unexpected(`${hostname} ${found}, expected it to lead to ${missing.join(", ")}`);
}

function judgeRecords({ records }: DnsAnswer, terms: AnswerTerms): HealthCheckError | undefined {
  const { hostname, recordType, expected, exact } = terms;
  if (expected === undefined) return undefined;
  const isAmong = (texts: readonly string[]) => (one: string) =>
    texts.some((text) => sameRecord(recordType, text, one));
  const missing = expected.filter((text) => !isAmong(records)(text));
  const others = exact ? records.filter((record) => !isAmong(expected)(record)) : [];
  const found = `${recordType} of ${hostname} is ${listed(records)}`;
  if (missing.length > 0) return unexpected(`${found}, without the expected ${listed(missing)}`);
  return others.length > 0 ? unexpected(`${found}, of which nobody expects ${listed(others)}`) : undefined;
}

function judgeAuthentication(
  { isAuthenticated }: DnsAnswer,
  { authenticated }: AnswerTerms,
  server: string,
): HealthCheckError | undefined {
  if (isAuthenticated || !authenticated) return undefined;
  return unexpected(
    `${server} does not say that it has validated the answer (AD): is the zone signed, and does the server validate?`,
  );
}

function judgeSerial({ records }: DnsAnswer, { hostname, minSerial }: AnswerTerms): HealthCheckError | undefined {
  const serial = serialOf(records[0] ?? "");
  if (minSerial === undefined || !isOlderSerial(serial, minSerial)) return undefined;
  return new ServiceWarning(`the serial number of ${hostname} is ${serial}, expected at least ${minSerial}`);
}

function unexpected(message: string): HealthCheckError {
  return new ServiceReturnedUnexpectedResult(message, { reason: "assertion" });
}

const maxListed = 10;
const maxCharacters = 200;

/** An answer may have thousands of records, and each of them kilobytes. */
function listed(texts: readonly string[]): string {
  const shown = texts
    .slice(0, maxListed)
    .map((text) => (text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text));
  const others = texts.length - shown.length;
  return others > 0 ? `${shown.join(", ")} and ${others} more` : shown.join(", ");
}
