import type { DnsMessage, DnsQuestion, ResourceRecord } from "./dns-message.ts";
import { recordText } from "./dns-records.ts";
import { typeNumbers } from "./record-types.ts";
import { responseCodes } from "./response-codes.ts";

/**
 * What kind of an answer it is (RFC 2308, section 2): records, `nodata` for a name that has none of this type, `nxdomain` for a
 * name that does not exist, or `referral` when the server only tells whom to ask.
 */
export type AnswerKind = "records" | "nodata" | "nxdomain" | "referral";

/** What an answer says. */
export interface DnsAnswer {
  readonly kind: AnswerKind;
  /** The names to which the name leads by CNAME records, one after the other; the last has the records. */
  readonly chain: readonly string[];
  /** As a zone file has them, in the order of the server. */
  readonly records: readonly string[];
  /** Whether the server says that it has validated the answer by DNSSEC. */
  readonly isAuthenticated: boolean;
}

/**
 * Follows the CNAME records of an answer from the name that was asked for to the records.
 * @throws MalformedMessageError when a record on the way cannot be read
 */
export function answerTo({ name, type }: DnsQuestion, message: DnsMessage): DnsAnswer {
  const { isAuthenticated } = message;
  const chain: string[] = [];
  const recordsOf = (owner: string, kind: number): readonly ResourceRecord[] =>
    message.answers.filter((record) => record.type === kind && isSameName(record.name, owner));
  for (let owner = name; chain.length <= message.answers.length; ) {
    const records = recordsOf(owner, typeNumbers[type]);
    if (records.length > 0) {
      return { kind: "records", chain, isAuthenticated, records: records.map(({ data }) => recordText(type, data())) };
    }
    const [alias] = recordsOf(owner, typeNumbers.CNAME);
    if (alias === undefined) break;
    owner = recordText("CNAME", alias.data());
    chain.push(owner);
  }
  return { kind: negativeKind(message), chain, isAuthenticated, records: [] };
}

function negativeKind({ code, authority }: DnsMessage): AnswerKind {
  if (code === responseCodes.nameError) return "nxdomain";
  const has = (type: "SOA" | "NS"): boolean => authority.some((record) => record.type === typeNumbers[type]);
  return has("NS") && !has("SOA") ? "referral" : "nodata";
}

function isSameName(one: string, other: string): boolean {
  return canonicalName(one) === canonicalName(other);
}

/** Names are the same in any case, with or without a final dot. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/(?<=.)\.$/, "");
}
