import fc, { type Arbitrary } from "fast-check";

/** Any bytes, as characters of one byte each. */
export const latin1 = (maxLength: number): Arbitrary<string> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString("latin1"));

/** The same without control characters, for header values: Node refuses control characters itself, and our code never sees them. */
export const line = (maxLength: number): Arbitrary<string> =>
  latin1(maxLength).map((text) => text.replaceAll(/[\0-\x1f\x7f]/g, "~"));

/** A place in something, as a share of its length. */
export const place = fc.double({ min: 0, max: 1, noNaN: true });
