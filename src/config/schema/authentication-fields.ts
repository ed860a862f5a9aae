import { z } from "zod";
import { secret } from "../../health/fields.ts";
import type { Secret } from "../../health/secret.ts";
import type { Authentication } from "../../server/authentication.ts";

const basic = z
  .strictObject({
    username: z
      .string()
      .regex(/^[^:\p{C}]+$/u, "must be printable characters without a colon")
      .describe("The user name."),
    password: secret(z.string().min(1)).describe("The password."),
  })
  .describe("HTTP Basic authentication.");

const bearer = secret(z.string().regex(/^[\w.~+/-]+=*$/, "must be a token of letters, digits and - . _ ~ + / ="));

interface Methods {
  readonly bearer?: Secret | undefined;
  readonly basic?: { readonly username: string; readonly password: Secret } | undefined;
  readonly path?: Secret | undefined;
}

/** Requires exactly one method: with two, either credential would be enough to get in. */
const exactlyOneOf =
  (names: string) =>
  (methods: Methods, context: z.RefinementCtx<Methods>): Authentication => {
    if (context.issues.length > 0) return z.NEVER;
    const given = Object.values(methods).filter((method) => method !== undefined);
    if (given.length === 1) {
      if (methods.bearer !== undefined) return { bearer: methods.bearer };
      if (methods.basic !== undefined) return { basic: methods.basic };
      if (methods.path !== undefined) return { path: methods.path };
    }
    context.addIssue(`must have exactly one of ${names}`);
    return z.NEVER;
  };

const methods = {
  bearer: bearer.optional().describe("The token of `Authorization: Bearer`."),
  basic: basic.optional(),
};

const oneProperty = { minProperties: 1, maxProperties: 1 };

/** The credentials that clients send in a header. */
export const headerAuthentication = z
  .strictObject(methods)
  .meta(oneProperty)
  .transform(exactlyOneOf("bearer and basic"))
  .describe("The credentials that clients need. Default: none.");

/** Of what shows the same as the endpoints. */
export const otherAuthentication = z
  .union([z.literal("none"), headerAuthentication])
  .optional()
  .describe(
    "The credentials that clients need; `none` admits everybody. Default: those of the endpoints, if all `auth` of endpoints are the same `bearer` or `basic`; otherwise none.",
  );

/** Those of an endpoint, which may be a secret part of its path. */
export const endpointAuthentication = z
  .strictObject({
    ...methods,
    path: secret(z.string().regex(/^[A-Za-z0-9._~-]{8,}$/, "must be 8 or more letters, digits and - . _ ~"))
      .optional()
      .describe("A secret last segment of the endpoint's path: `/health/SECRET/`."),
  })
  .meta(oneProperty)
  .transform(exactlyOneOf("bearer, basic and path"))
  .describe("The credentials that clients need. Default: none.");
