import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startCommand } from "../support/command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const until = { timeout: 20_000, interval: 20 };

/** A configuration with one job. */
function yaml(options: string): string {
  return `store: history.db\nchecks: { "job ü": { type: heartbeat, token: t0ken, interval: 100ms, ${options} } }\n`;
}

async function serve() {
  const command = startCommand(["serve", "--port", "0"], { cwd: folder.path });
  const url = await vi.waitFor(() => {
    const listening = /"url":"([^"]+)"/.exec(command.printed().stderr)?.[1];
    if (listening === undefined) throw new Error(`it does not listen: ${command.printed().stderr}`);
    return listening;
  }, until);
  return {
    ...command,
    state: async () => (await fetch(`${url}/health/?format=text`)).text(),
    beat: async (event: string, body = "") => {
      const path = `/heartbeat/${encodeURIComponent("job ü")}${event}`;
      const headers = { Authorization: "Bearer t0ken" };
      expect((await fetch(`${url}${path}`, { method: "POST", headers, body })).status).toBe(200);
    },
    [Symbol.asyncDispose]: () => command[Symbol.asyncDispose](),
  };
}

describe("the heartbeat of a job", () => {
  it("is not overdue because the server was suspended, but is when the job's time has passed", async () => {
    await folder.write("healthspan.yaml", yaml("every: 2s, grace: 1s"));
    await using server = await serve();
    await server.beat("");
    server.kill("SIGSTOP");
    await wait(4000);
    server.kill("SIGCONT");
    for (let look = 0; look < 40; look += 1) {
      expect(await server.state()).not.toContain("Unavailable");
      await wait(20);
    }
    await vi.waitFor(async () => expect(await server.state()).toContain("Unavailable: the last heartbeat came"), until);
  });

  it("is remembered by a server that was killed, and by one whose configuration changes", async () => {
    await folder.write("healthspan.yaml", yaml("every: 1d, grace: 1h"));
    const failed = "job ü: Unexpected Result: the job ended with exit code 3: disk full\n";
    {
      await using server = await serve();
      expect(await server.state()).toBe("job ü: Unknown: no heartbeat has come yet\n");
      await server.beat("/3", "disk full");
      expect(await server.state()).toBe(failed);
      const stored = () => {
        const database = new DatabaseSync(join(folder.path, "history.db"), { readOnly: true });
        const rows = database.prepare("SELECT current FROM memories").all();
        database.close();
        return JSON.stringify(rows);
      };
      await vi.waitFor(() => expect(stored()).toContain("disk full"), until);
      server.kill("SIGKILL");
      await server.ended;
    }
    await using server = await serve();
    expect(await server.state()).toBe(failed);
    await folder.write("healthspan.yaml", yaml("every: 1d, grace: 2h"));
    server.kill("SIGHUP");
    await vi.waitFor(() => expect(server.printed().stderr).toContain("configuration reloaded"), until);
    expect(await server.state()).toBe(failed);
    await server.beat("");
    expect(await server.state()).toBe("job ü: OK\n");
  });
});
