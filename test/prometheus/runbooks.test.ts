import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type CommandProcess, runCommand, startCommand } from "../support/command.ts";
import { type HttpTarget, startHttpTarget } from "../support/http-target.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { closedPort } from "../support/throw-away-server.ts";
import { alertNames, runbooksFolder } from "./shipped.ts";

/** What the pages' commands speak of. */
const configuration = (chat: string): string => `
service: { name: shop }
checks:
  orders: { type: disk, maxUsage: 100% }
  disk: { type: disk, path: / }
reload: { http: true }
notify: { ops: { type: webhook, url: "${chat}" } }
`;

let folder: TemporaryFolder;
let healthspan: CommandProcess;
let origin: string;
let chat: HttpTarget;

beforeAll(async () => {
  chat = await startHttpTarget((_, response) => response.end());
  folder = await temporaryFolder({ "healthspan.yaml": configuration(chat.origin) });
  const port = String(await closedPort());
  origin = `http://127.0.0.1:${port}`;
  healthspan = startCommand(["serve", "--host", "127.0.0.1", "--port", port], { cwd: folder.path });
  await vi.waitFor(async () => expect((await fetch(`${origin}/readyz`)).ok).toBe(true), 30_000);
});

afterAll(async () => {
  await healthspan[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
  await chat[Symbol.asyncDispose]();
});

it("each alert has a page, and each page an alert", () => {
  expect(readdirSync(runbooksFolder).sort()).toEqual(alertNames.map((name) => `${name}.md`).sort());
});

describe.each(alertNames)("%s.md", (name) => {
  const text = readFileSync(join(runbooksFolder, `${name}.md`), "utf8");

  it("tells what it means, what follows, how to find the cause and what to do", () => {
    expect(text.split("\n")[0]).toBe(`# ${name}`);
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(["Meaning", "Impact", "Diagnosis", "Mitigation"]);
    for (const [, page = ""] of text.matchAll(/\]\(([^)]+)\)/g)) expect(readdirSync(runbooksFolder)).toContain(page);
  });

  it("shows commands that work", async () => {
    const lines = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = ""]) => block.trim().split("\n"));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      const here = line.replaceAll(/http:\/\/[\w.]+:9464/g, origin);
      const [program, ...args] = here
        .replace(/^time /, "")
        .replaceAll("'", "")
        .split(" ");
      if (program === "healthspan") {
        const there = args.map((argument) => (argument.endsWith(".yaml") ? join(folder.path, argument) : argument));
        const { code, stderr } = await runCommand(there);
        expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: "" });
      } else if (program === "curl") {
        const url = args.find((argument) => argument.startsWith(origin)) ?? "";
        const { status } = await fetch(url, { method: args.includes("POST") ? "POST" : "GET" });
        expect({ line, status }).toEqual({ line, status: 200 });
      } else expect(line).toMatch(/^amtool silence add alertname=/);
    }
  });
});
