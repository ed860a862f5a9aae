import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../src/checks/index.ts";
import { inGroups, loadCatalogue } from "../../src/config/load-catalogue.ts";
import { runCommand } from "../support/command.ts";

const types = Object.keys(catalogue);
const groups = inGroups(await loadCatalogue());

describe("healthspan list", () => {
  it("lists every check with its options, plainly in a pipe", async () => {
    const { code, stdout, stderr } = await runCommand(["list"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const titles = groups.flatMap(({ group, summary, checks }) => [
      group.toUpperCase(),
      summary,
      ...checks.map(({ type }) => type),
    ]);
    expect(stdout.match(/^\S.*$/gm)).toEqual([...titles, "every check"]);
    expect(stdout).toBe(stripVTControlCharacters(stdout));
    expect(stdout).toMatch(
      /^ {2}maxUsage +percentage, default 90%\n +The share of the file system in use at which the check warns\.$/m,
    );
    expect(stdout).toMatch(/^ {2}path +text, label, default \/$/m);
    expect(stdout).toMatch(/^ {2}timeout +duration, default 5s$/m);
  });

  it("shows every check once, in the group where people look for it", () => {
    expect(groups.flatMap(({ checks }) => checks.map(({ type }) => type)).sort()).toEqual(types);
    const members = Object.fromEntries(groups.map(({ group, checks }) => [group, checks.map(({ type }) => type)]));
    expect(members).toMatchObject({ host: expect.arrayContaining(["disk"]), data: expect.arrayContaining(["redis"]) });
  });

  it("lists one", async () => {
    const { stdout } = await runCommand(["list", "http"]);
    expect(stdout.match(/^\S.*$/gm)).toEqual(["NETWORK", expect.any(String), "http", "every check"]);
    expect(stdout).toMatch(/^ {2}url +address, label, required$/m);
  });

  it("wraps text to the width of a terminal, in colour", async () => {
    const { stdout } = await runCommand(["list", "http"], { terminal: true });
    const plain = stripVTControlCharacters(stdout);
    expect(plain).not.toBe(stdout);
    for (const line of plain.split("\n")) if (!line.includes('"')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("lists as JSON", async () => {
    const { stdout } = await runCommand(["list", "disk", "--format", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      checks: [
        {
          type: "disk",
          group: "host",
          summary: expect.stringMatching(/^Warns when/),
          options: expect.arrayContaining([
            {
              name: "path",
              kind: "label",
              description: expect.any(String),
              type: "text",
              required: false,
              default: "/",
            },
          ]),
          measures: { usage: { unit: "%", description: expect.stringMatching(/^The share/) } },
        },
      ],
      everyCheck: expect.arrayContaining([expect.objectContaining({ name: "timeout", default: "5s" })]),
    });
  });

  it("suggests the one that was probably meant", async () => {
    const { code, stdout, stderr } = await runCommand(["list", "reddis"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^unknown type "reddis"\. Did you mean "redis"\? Known types: battery, bullmq, cache, /);
  });
});
