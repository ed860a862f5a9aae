import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../../src/config/load.ts";
import { FilesRead } from "../../../src/config/read/files-read.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z"/></svg>';
const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

async function load(text: string, files: Readonly<Record<string, string | Buffer>> = {}) {
  await using folder = await temporaryFolder({ "healthspan.yaml": text });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder.path, name), content);
  const read = new FilesRead();
  try {
    const { site, server } = await loadConfiguration({
      path: "healthspan.yaml",
      cwd: folder.path,
      environment: {},
      files: read,
    });
    return { site, server, names: [...read.versions.keys()].map((path) => path.slice(folder.path.length + 1)) };
  } catch (error) {
    return { message: String(error).replaceAll(`${folder.path}/`, "") };
  }
}

describe("page", () => {
  it("says what pages show", async () => {
    const { site } = await load(`
server: { publicUrl: "https://status.shop.example/base" }
page:
  title: Example Shop
  links: [{ title: Support, url: "https://shop.example/support?a=b" }]
  footer: Run by us.
  embed: [intranet.example, "*.shop.example", "https://shop.example:8443", self]
`);
    expect(site).toEqual({
      title: "Example Shop",
      links: [{ title: "Support", url: "https://shop.example/support?a=b" }],
      footer: "Run by us.",
      embed: ["intranet.example", "*.shop.example", "https://shop.example:8443", "'self'"],
      publicUrl: "https://status.shop.example/base",
    });
  });

  it("shows nothing of its own by default, and may be embedded nowhere", async () => {
    const { site } = await load("checks: { disk: { type: disk } }");
    expect(site).toMatchObject({ links: [], embed: [] });
  });

  it.each([
    ["logo.svg", svg, `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`],
    ["logo", `<?xml version="1.0"?>\n<!-- ours -->\n${svg}`, "data:image/svg+xml;base64,"],
    ["logo.png", png, `data:image/png;base64,${png.toString("base64")}`],
    ["logo.gif", "GIF89a...", "data:image/gif;base64,"],
    ["logo.jpg", Buffer.from("ffd8ffe0", "hex"), "data:image/jpeg;base64,"],
    ["logo.webp", "RIFF1234WEBPVP8 ", "data:image/webp;base64,"],
  ])("reads the logo of the file %s, whose changes reload it", async (name, content, expected) => {
    const { site, names } = await load(`page: { logo: ${name} }`, { [name]: content });
    expect(site?.logo?.startsWith(expected)).toBe(true);
    expect(names).toContain(name);
  });

  it.each([
    ["missing", undefined, "does not exist"],
    ["a text", "no image", "is no image: it must be SVG, PNG, JPEG, GIF or WebP"],
    ["a page", `<html>${svg}</html>`, "is no image"],
    ["too large", Buffer.concat([png, Buffer.alloc(65_536)]), "is larger than 64 KiB"],
    ["with a script", svg.replace("<path", "<script>alert(1)</script><path"), "must be an SVG without scripts"],
    ["with an event handler", svg.replace("<path", '<path onload="alert(1)"'), "must be an SVG without scripts"],
    [
      "with an address elsewhere",
      svg.replace("<path", '<image href="https://a.example/"/><path'),
      "must be an SVG without",
    ],
    ["with an entity", `<!DOCTYPE svg [<!ENTITY a "b">]>${svg}`, "is no image"],
  ])("refuses a logo that is %s", async (_, content, expected) => {
    const { message } = await load("page: { logo: logo.img }", content === undefined ? {} : { "logo.img": content });
    expect(message).toMatch(/healthspan\.yaml:1:15: page\.logo: the file logo\.img /);
    expect(message).toContain(expected);
  });

  it.each([
    ['page: { links: [{ title: x, url: "javascript:alert(1)" }] }', "must be an address that starts with http"],
    ['page: { links: [{ title: x, url: "https://u:hunter2@a.example/" }] }', "must not contain credentials"],
    ['page: { embed: ["a.example; script-src *"] }', "must be a host such as"],
    ['page: { embed: ["none"] , title: "" }', "must be 1 to 100 printable characters"],
    ['server: { publicUrl: "https://u:hunter2@a.example/" }', "must not contain credentials"],
    ['server: { publicUrl: "https://a.example/?q" }', "must not contain ? or #"],
    ["server: { publicUrl: a.example }", "must be an address that starts with http"],
    ["page: { css: x }", "css"],
  ])("refuses %s", async (text, expected) => {
    const { message } = await load(text);
    expect(message).toContain(expected);
    expect(message).not.toContain("hunter2");
  });
});
