import { type ClientRequest, type IncomingHttpHeaders, request } from "node:http";
import { Duplex } from "node:stream";
import { expect } from "vitest";
import { AnswerParser, type BodyUse } from "../../src/clients/http/wire/answer-parser.ts";
import { MalformedAnswerError } from "../../src/clients/http/wire/malformed-answer-error.ts";

/** What was made of the bytes that a server sent before it closed the connection. */
export type ReadAnswer =
  | { readonly is: "malformed"; readonly code: string }
  /** Nothing, or not all of it. */
  | { readonly is: "broken off" }
  | {
      readonly is: "complete";
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: string;
      readonly truncated: boolean;
    };

/** How an answer is read. */
export interface ReadOptions {
  readonly method?: string;
  readonly maxBodySize?: number;
  readonly maxHeaderSize?: number;
  readonly use?: BodyUse;
}

/** Reads an answer with our own parser, which is given these packets and forgets each before the next one. */
export function readPackets(packets: readonly Buffer[], options: ReadOptions = {}): ReadAnswer {
  const { method = "GET", maxBodySize = 1024 ** 2, maxHeaderSize = 16 * 1024, use = "keep" } = options;
  const parser = new AnswerParser(method, { maxBodySize, maxHeaderSize }, { bodyUse: () => use });
  const memory = Buffer.alloc(Math.max(0, ...packets.map(({ length }) => length)));
  try {
    let complete = false;
    for (const packet of packets) {
      packet.copy(memory);
      complete = parser.read(memory, packet.length);
      memory.fill("?");
      if (complete) break;
    }
    if (!complete && !parser.end()) return { is: "broken off" };
    const { status, headers, body, truncated } = parser;
    return { is: "complete", status, headers: { ...headers }, body: body.toString("latin1"), truncated };
  } catch (error) {
    if (error instanceof MalformedAnswerError) return { is: "malformed", code: error.code };
    throw error;
  }
}

/** What the parser makes of an answer in one packet, having made the same of it however it is cut. */
export function readHoweverCut(answer: string, options: ReadOptions = {}): ReadAnswer {
  const bytes = Buffer.from(answer, "latin1");
  const whole = readPackets([bytes], options);
  const single = Array.from(bytes, (byte) => Buffer.of(byte));
  expect(readPackets(single, options), "byte by byte").toEqual(whole);
  if (bytes.length > 2000) return whole;
  for (let at = 1; at < bytes.length; at += 1) {
    const cut = [bytes.subarray(0, at), bytes.subarray(at)];
    expect(readPackets(cut, options), `cut after ${at} bytes`).toEqual(whole);
  }
  return whole;
}

/** Reads an answer with Node.js's own client, which takes no more notice than ours of what follows the answer. */
export function readWithNode(bytes: Buffer, { method = "GET" }: ReadOptions = {}): Promise<ReadAnswer> {
  return new Promise((resolve) => {
    const connection = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const client: ClientRequest = request({ method, createConnection: () => connection });
    let isComplete = (): boolean => false;
    const fail = ({ code = "" }: NodeJS.ErrnoException): void => {
      if (isComplete()) return;
      resolve(code === "ECONNRESET" ? { is: "broken off" } : { is: "malformed", code });
    };
    client.on("error", fail);
    client.once("upgrade", ({ statusCode: status = 0, headers }) => {
      resolve({ is: "complete", status, headers, body: "", truncated: true });
      connection.destroy();
    });
    client.once("response", (response) => {
      const { statusCode: status = 0, headers } = response;
      let body = "";
      isComplete = () => response.complete;
      response.on("error", fail);
      response.setEncoding("latin1").on("data", (text: string) => (body += text));
      response.once("end", () => resolve({ is: "complete", status, headers, body, truncated: status === 101 }));
    });
    client.end();
    connection.push(bytes);
    connection.push(null);
  });
}
