import { z } from "zod";
import { type HealthCheckError, ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../../health/errors.ts";
import { parseJson } from "../http/parse-json.ts";
import type { NatsConnection } from "./nats-connection.ts";
import { foreignNats } from "./nats-error.ts";

/** What may be wrong, and what is used of the answer to each question (NATS JetStream API reference). */
const failure = z.object({ error: z.object({ code: z.int(), err_code: z.int().optional() }) });
const account = z.object({ streams: z.int() });
const streamState = z.object({ state: z.object({ messages: z.number() }) });
const consumerState = z.object({ num_pending: z.number() });

/** What an error means, by its `err_code` (nats-server, server/errors.json). */
function meaningOf(code: number, errorCode: number | undefined): HealthCheckError {
  switch (errorCode) {
    case 10_014:
      return new ServiceReturnedUnexpectedResult("the stream has no consumer of that name", { reason: "assertion" });
    case 10_039:
      return new ServiceUnavailable("JetStream is off for this account: give the account limits of its own");
    case 10_059:
      return new ServiceReturnedUnexpectedResult("the account has no stream of that name", { reason: "assertion" });
    case 10_076:
      return jetstreamOff();
    default:
      return new ServiceUnavailable(`JetStream answered with error ${errorCode ?? code}`);
  }
}

function jetstreamOff(): HealthCheckError {
  return new ServiceUnavailable("JetStream is off: start the server with it, or ask another one");
}

/** Asks whether the account may use JetStream. */
export async function expectJetstream(connection: NatsConnection): Promise<void> {
  await ask(connection, "INFO", account);
}

/** @returns how many messages a stream has */
export async function streamMessages(connection: NatsConnection, stream: string): Promise<number> {
  return (await ask(connection, `STREAM.INFO.${stream}`, streamState)).state.messages;
}

/** @returns how many messages of the stream a consumer has not been given yet */
export async function pendingMessages(connection: NatsConnection, stream: string, consumer: string): Promise<number> {
  return (await ask(connection, `CONSUMER.INFO.${stream}.${consumer}`, consumerState)).num_pending;
}

/** @throws HealthCheckError when nobody answers, or with an error */
async function ask<Answer>(connection: NatsConnection, question: string, shape: z.ZodType<Answer>): Promise<Answer> {
  const text = await connection.request(`$JS.API.${question}`);
  if (text === undefined) throw jetstreamOff();
  const json = parseJson(text);
  const failed = failure.safeParse(json);
  if (failed.success) throw meaningOf(failed.data.error.code, failed.data.error.err_code);
  const parsed = shape.safeParse(json);
  if (!parsed.success) throw foreignNats();
  return parsed.data;
}
