import { isIP } from "node:net";
import { z } from "zod";

const pattern = /^(?:\[(?<bracketed>[^\]]+)\]|(?<plain>[^[\]]*?))(?::(?<port>\d{1,5}))?$/;

/**
 * Reads the address of a name server, with its port if that is not 53: `192.0.2.53`, `127.0.0.1:5353`, `2001:db8::53`,
 * `[::1]:5353`.
 * @returns undefined when the text is none
 */
export function parseNameServer(text: string): { readonly address: string; readonly port: number } | undefined {
  if (isIP(text) !== 0) return { address: text, port: 53 };
  const { bracketed, plain, port = "53" } = pattern.exec(text)?.groups ?? {};
  const address = bracketed ?? plain ?? "";
  const valid = isIP(address) === (bracketed === undefined ? 4 : 6) && Number(port) > 0 && Number(port) < 65_536;
  return valid ? { address, port: Number(port) } : undefined;
}

/** The address of a name server. A field of it yields the text. */
export function nameServer() {
  return z
    .string()
    .refine(
      (text) => parseNameServer(text) !== undefined,
      "must be an address, with its port if that is not 53: 192.0.2.53, 127.0.0.1:5353, [::1]:5353",
    );
}
