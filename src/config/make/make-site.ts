import type { z } from "zod";
import type { Site } from "../../formats/site.ts";
import type { ConfigurationIssue } from "../configuration-error.ts";
import { UnreadableFileError } from "../read/read-text-file.ts";
import type { Source } from "../read/source.ts";
import type { fileSchema } from "../schema/file-schema.ts";

/** Reads the bytes of a file that the configuration names. It throws an UnreadableFileError. */
export type ReadNamedBytes = (path: string) => Buffer;

/** What pages show besides the checks, or the issue with the logo. */
export interface MadeSite {
  readonly site: Site;
  readonly issues: readonly ConfigurationIssue[];
}

/** It is in every page. */
const maxLogoBytes = 64 * 1024;

/** Reads the logo of `page`, and puts what all pages show together. */
export function makeSite(
  source: Source,
  options: Pick<z.output<typeof fileSchema>, "page" | "server"> | undefined,
  readBytes: ReadNamedBytes,
): MadeSite {
  if (options === undefined) return { site: {}, issues: [] };
  const { logo: path, embed, ...shown } = options.page;
  const { publicUrl } = options.server;
  const site = { ...shown, embed: embed.map((host) => (host.toLowerCase() === "self" ? "'self'" : host)), publicUrl };
  if (path === undefined) return { site, issues: [] };
  try {
    return { site: { ...site, logo: imageOf(readBytes(path)) }, issues: [] };
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return { site, issues: [source.issue(["page", "logo"], `the file ${path} ${error.message}`)] };
  }
}

/** How the files of images begin. */
const signatures: readonly (readonly [string, RegExp])[] = [
  ["image/png", /^\x89PNG\r\n\x1a\n/],
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/gif", /^GIF8[79]a/],
  ["image/webp", /^RIFF[\s\S]{4}WEBP/],
];

const svgStart = /^\uFEFF?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*(?:<!DOCTYPE svg[^>[]*>\s*)?<svg[\s>]/;

/** What runs or loads something; in an image on our pages none of it would work. */
const active =
  /<script|<foreignObject|<!ENTITY|\son[a-z]+\s*=|javascript:|(?:href|src)\s*=\s*["']?\s*(?:https?:)?\/\//i;

/**
 * An image as a `data:` address.
 * @throws UnreadableFileError when it is none
 */
function imageOf(bytes: Buffer): string {
  if (bytes.length > maxLogoBytes) throw new UnreadableFileError("is larger than 64 KiB, which is the limit of a logo");
  const start = bytes.toString("latin1", 0, 32);
  const [mediaType] = signatures.find(([, signature]) => signature.test(start)) ?? [];
  if (mediaType !== undefined) return `data:${mediaType};base64,${bytes.toString("base64")}`;
  const text = bytes.toString("utf8");
  if (!svgStart.test(text)) throw new UnreadableFileError("is no image: it must be SVG, PNG, JPEG, GIF or WebP");
  if (active.test(text)) {
    throw new UnreadableFileError("must be an SVG without scripts, event handlers, entities and addresses elsewhere");
  }
  return `data:image/svg+xml;base64,${bytes.toString("base64")}`;
}
