import { z } from "zod";

const linkMessage = "must be an address that starts with http:// or https://";
const hostMessage =
  "must be a host such as intranet.example, *.shop.example or https://shop.example:8443, or self or *";

function printable(maxCharacters: number) {
  return z
    .string()
    .regex(new RegExp(`^\\P{C}{1,${maxCharacters}}$`, "u"), `must be 1 to ${maxCharacters} printable characters`);
}

/** The options of `page`. */
export const pageFields = z
  .strictObject({
    title: printable(100).optional().describe("What pages call what is watched. Default: `service.name`."),
    logo: z
      .string()
      .min(1)
      .optional()
      .describe("The file of an image of at most 64 KiB: SVG without scripts, PNG, JPEG, GIF or WebP."),
    links: z
      .array(
        z.strictObject({
          title: printable(50).describe("What the link says."),
          url: z
            .string()
            .regex(/^https?:\/\/[^\s\p{C}<>"'\\]+$/u, { error: linkMessage, abort: true })
            .refine((text) => URL.canParse(text), { error: linkMessage, abort: true })
            // Wherever it stands: a password with a slash in it would be read as the path.
            .refine((text) => !text.includes("@"), "must not contain credentials; write %40 for any other @")
            // Write-only, so that no message repeats credentials that should not be there.
            .meta({ title: "address", writeOnly: true })
            .describe("Where it leads."),
        }),
      )
      .max(10)
      .default([])
      .describe("Links at the head of every page."),
    footer: printable(500).optional().describe("A sentence at the end of every page."),
    embed: z
      .array(
        z
          .string()
          .regex(
            /^(?:self|\*|(?:https?:\/\/)?(?:\*\.)?[a-z\d](?:[a-z\d.-]*[a-z\d])?(?::(?:\d{1,5}|\*))?)$/i,
            hostMessage,
          )
          .meta({ title: "host" }),
      )
      .max(20)
      .default([])
      .describe("The hosts whose pages may show ours in a frame; `self` for this server's own. Default: none."),
  })
  .prefault({})
  .describe("What the web pages show besides the checks, and who may embed them.");
