/** The kinds of records that can be asked for, and their numbers (IANA's registry of DNS parameters). */
export const typeNumbers = {
  A: 1,
  AAAA: 28,
  CAA: 257,
  CNAME: 5,
  MX: 15,
  NAPTR: 35,
  NS: 2,
  PTR: 12,
  SOA: 6,
  SRV: 33,
  TLSA: 52,
  TXT: 16,
} as const;

/** One of {@link typeNumbers}. */
export type RecordType = keyof typeof typeNumbers;

/** Their names. */
export const recordTypes = Object.keys(typeNumbers) as readonly RecordType[]; // Its own keys.
