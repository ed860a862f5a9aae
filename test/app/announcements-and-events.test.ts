import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readEvents } from "../support/read-events.ts";
import { startServe, until } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const yaml = (announcements: string, more = "") =>
  `reload: { http: true }\nannouncements: ${announcements}\n${more}checks: { disk: { type: disk, maxUsage: 100% } }\n`;

describe("a server with announcements", () => {
  it("shows them on the page, at / and in events, and takes others over when it reloads", async () => {
    await folder.write("healthspan.yaml", yaml("[{ title: We move, level: warning }]"));
    await using server = await startServe(folder.path);
    const read = async (path: string) =>
      (await fetch(`${server.url}${path}`, { headers: { accept: "text/html" } })).text();
    for (const path of ["/", "/health/", "/health/disk/", "/health/?format=atom", "/health/?format=health"]) {
      expect(await read(path)).toContain("We move");
    }
    const reading = await readEvents(Number(new URL(server.url).port), "/health/?format=events");
    await vi.waitFor(() => expect(reading.text()).toContain("We move"), until);
    await folder.write("healthspan.yaml", yaml("[{ title: We stay }]"));
    expect((await fetch(`${server.url}/-/reload`, { method: "POST" })).status).toBe(200);
    await vi.waitFor(() => expect(reading.text()).toContain("We stay"), until);
    for (const path of ["/", "/health/"]) {
      await vi.waitFor(async () => expect(await read(path)).toContain("We stay"), until);
      expect(await read(path)).not.toContain("We move");
    }
    reading.close();
  });
});

describe("a server whose events are read", () => {
  it("ends the streams and itself when it is asked to stop", async () => {
    await folder.write("healthspan.yaml", yaml("[]"));
    await using server = await startServe(folder.path);
    const port = Number(new URL(server.url).port);
    const readings = await Promise.all(
      ["/health/", "/health/disk/"].map((path) => readEvents(port, `${path}?format=events`)),
    );
    for (const reading of readings) await vi.waitFor(() => expect(reading.text()).toContain("event: report"), until);
    server.kill("SIGTERM");
    for (const reading of readings) await reading.ended;
    expect((await server.ended).code).toBe(0);
  });

  it("bounds how many there are as it is configured", async () => {
    await folder.write("healthspan.yaml", yaml("[]", "server: { limits: { eventStreamsPerClient: 1 } }\n"));
    await using server = await startServe(folder.path);
    const port = Number(new URL(server.url).port);
    const first = await readEvents(port, "/health/?format=events");
    await vi.waitFor(() => expect(first.text()).toContain("event: report"), until);
    const second = await readEvents(port, "/health/?format=events");
    expect(second.response.statusCode).toBe(429);
    first.close();
  });
});
