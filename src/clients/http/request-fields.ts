import { z } from "zod";
import { secret } from "../../health/fields.ts";
import type { ConnectionUrl, Secret } from "../../health/secret.ts";
import { type UrlCredentials, urlCredentials } from "../../net/url-credentials.ts";
import { fieldValue, token } from "./field-syntax.ts";

const headerValue = z.string().regex(fieldValue, "must be printable and without line breaks");
/** What the check itself keeps in accordance with the request. */
const ownHeaders = ["connection", "content-length", "transfer-encoding"];

/** Settings that say what a request carries. */
export const requestFields = {
  headers: z
    .record(z.string(), secret(headerValue))
    .superRefine((headers, context) => {
      for (const name of Object.keys(headers)) {
        const message = headerNameMistake(name);
        if (message !== undefined) context.addIssue({ code: "custom", message, path: [name] });
      }
    })
    .prefault({})
    .describe(
      "Headers of the request, by name. Their values are never shown. A redirect to another origin takes only harmless ones along, such as Accept.",
    ),
  bearer: secret(headerValue).optional().describe("A token that is sent as bearer authentication."),
  body: secret().optional().describe("The body of the request. Its type is told by the header Content-Type."),
};

function headerNameMistake(name: string): string | undefined {
  if (!token.test(name)) return "is not the name of a header";
  return ownHeaders.includes(name.toLowerCase()) ? "is set by the check itself" : undefined;
}

/** The values of {@link requestFields} and of the labels that go with them. */
export interface RequestFields {
  readonly url: ConnectionUrl;
  readonly method: string;
  readonly headers: Readonly<Record<string, Secret>>;
  readonly bearer?: Secret | undefined;
  readonly body?: Secret | undefined;
  /** The credentials of the request, when they do not stand in `url`. */
  readonly login?: UrlCredentials | undefined;
}

/** What is wrong with the values together, for `validate` of a check; undefined when nothing is. */
export function requestIssue({ url, headers, bearer }: RequestFields): string | undefined {
  const { username, password } = urlCredentials(url);
  const credentials = [
    username !== undefined || password !== undefined,
    bearer !== undefined,
    Object.keys(headers).some((name) => name.toLowerCase() === "authorization"),
  ];
  if (credentials.filter((given) => given).length < 2) return undefined;
  return "credentials must be given in one place: the user name and password in url, bearer, or a header Authorization";
}
