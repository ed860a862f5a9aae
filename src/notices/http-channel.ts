import { z } from "zod";
import type { Secret } from "../health/secret.ts";
import { type ChannelOptions, channelTlsFields, checkTls, commonChannelFields } from "./channel-fields.ts";
import type { Attempt, ChannelType, NoticeRequest } from "./channel-type.ts";
import { sendByHttp } from "./delivery/send-by-http.ts";
import type { Message } from "./notice.ts";

/** More would make a body of megabytes, which few services take. */
export const maxNotices = 1000;

type Shape = Readonly<Record<string, z.ZodType>>;

/** The options of a channel with these fields. */
export type HttpChannelOptions<Fields extends Shape> = ChannelOptions & Readonly<z.output<z.ZodObject<Fields>>>;

/** The same as a configuration has them. */
type HttpChannelInput<Fields extends Shape> = z.input<
  z.ZodObject<Fields & typeof commonChannelFields & typeof channelTlsFields>
>;

/** What a channel that is told by HTTP is made of. */
interface HttpChannelDeclaration<Fields extends Shape> {
  readonly type: string;
  readonly summary: string;
  readonly fields: Fields;
  /** Default: 1,000, of which a text shows as many as fit. */
  readonly maxNotices?: number | ((options: HttpChannelOptions<Fields>) => number);
  readonly closes?: boolean;
  readonly renewMilliseconds?: number;
  readonly secrets?: (options: HttpChannelOptions<Fields>) => readonly Secret[];
  /** What is wrong with the options together, as a sentence. */
  readonly issue?: (options: HttpChannelOptions<Fields>) => string | undefined;
  readonly request: (options: HttpChannelOptions<Fields>, message: Message, attempt: Attempt) => NoticeRequest;
}

/** A kind of channel with the pure function that makes a request of a message. */
export interface HttpChannelType<Options extends ChannelOptions, Input> extends ChannelType<Options> {
  readonly schema: z.ZodType<Options, Input>;
  readonly request: (options: Options, message: Message, attempt: Attempt) => NoticeRequest;
}

/** Declares a kind of channel that is told by HTTP. */
export function httpChannel<const Fields extends Shape>(
  declaration: HttpChannelDeclaration<Fields>,
): HttpChannelType<HttpChannelOptions<Fields>, HttpChannelInput<Fields>> {
  const { type, summary, fields, closes = false, renewMilliseconds, secrets = () => [], request } = declaration;
  const object = z.strictObject({ ...fields, ...commonChannelFields, ...channelTlsFields });
  const schema = object.superRefine((values, context) => {
    checkTls(values, context);
    const message = declaration.issue?.(values as unknown as HttpChannelOptions<Fields>); // As the object has read them.
    if (message !== undefined) context.addIssue({ code: "custom", message, path: [] });
  });
  return {
    type,
    summary,
    schema: schema as unknown as z.ZodType<HttpChannelOptions<Fields>, HttpChannelInput<Fields>>, // No type can say what the spread fields give.
    maxNotices: declaration.maxNotices ?? maxNotices,
    closes,
    renewMilliseconds,
    secrets,
    request,
    send: (options, message, attempt, signal) => sendByHttp(request(options, message, attempt), options, signal),
  };
}

/** A request with a body in JSON. */
export function jsonRequest(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  method: NoticeRequest["method"] = "POST",
): NoticeRequest {
  return { method, url, headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) };
}
