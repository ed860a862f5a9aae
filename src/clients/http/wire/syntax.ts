import { fieldValue, token } from "../field-syntax.ts";

/** The bytes that divide a message (RFC 9112, section 2). */
export const tab = 0x09;
export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;
export const space = 0x20;
export const dot = 0x2e;
export const colon = 0x3a;
export const semicolon = 0x3b;

const isTokenByte = bytesThatMatch(token);
const isFieldValueByte = bytesThatMatch(fieldValue);

/** @returns where the token ends that begins at `from`; `to` when it may go on */
export function endOfToken(bytes: Uint8Array, from: number, to: number): number {
  return endOf(isTokenByte, bytes, from, to);
}

/** @returns where the value of a field ends that begins at `from`; `to` when it may go on */
export function endOfFieldValue(bytes: Uint8Array, from: number, to: number): number {
  return endOf(isFieldValueByte, bytes, from, to);
}

/** @returns the digit's value; undefined for a byte that is not one */
export function decimalDigit(byte: number | undefined): number | undefined {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : undefined;
}

/** @returns the digit's value; undefined for a byte that is not one */
export function hexadecimalDigit(byte: number | undefined): number | undefined {
  const letter = (byte ?? 0) | 0x20; // In lower case.
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : decimalDigit(byte);
}

function bytesThatMatch(characters: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (characters.test(String.fromCharCode(byte)) ? 1 : 0));
}

function endOf(kind: Uint8Array, bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at];
    if (byte === undefined || kind[byte] === 0) return at;
  }
  return to;
}
