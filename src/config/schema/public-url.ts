import { z } from "zod";

const addressMessage = "must be an address that starts with http:// or https://";

/** Where the server is reached from outside: it is printed in links, so that it must have no credentials. */
export const publicUrl = z
  .string()
  .regex(/^https?:\/\/[^\s\p{C}<>"'\\]+$/u, { error: addressMessage, abort: true })
  .refine((text) => URL.canParse(text), { error: addressMessage, abort: true })
  .refine((text) => !text.includes("@"), "must not contain credentials")
  .refine((text) => !/[?#]/.test(text), "must not contain ? or #")
  // Write-only, so that no message repeats credentials that should not be there.
  .meta({ title: "address", writeOnly: true })
  .optional()
  .describe(
    "The address at which people reach this server, such as `https://status.shop.example`: for links in feeds, notices and badges. Default: the address of each request.",
  );
