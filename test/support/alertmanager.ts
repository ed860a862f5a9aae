import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { vi } from "vitest";
import { serversFolder } from "../../scripts/fetch-servers.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { closedPort } from "./throw-away-server.ts";

/** An alert as Alertmanager has it. */
export interface KnownAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: "active" | "suppressed" | "unprocessed"; readonly inhibitedBy: readonly string[] };
}

/** An Alertmanager that lives as long as a test. */
export interface Alertmanager extends AsyncDisposable {
  /** `127.0.0.1:1234`, as a target of Prometheus. */
  readonly address: string;
  alerts(): Promise<readonly KnownAlert[]>;
  /** The labels by which alerts are put together into messages, one a message and receiver. */
  groups(): Promise<readonly { readonly labels: Readonly<Record<string, string>> }[]>;
  /** Tells it that something fires. */
  fire(...labels: readonly Readonly<Record<string, string>>[]): Promise<void>;
}

/**
 * Starts Alertmanager on loopback.
 * @param program where it is
 * @param configuration the content of its configuration file
 */
export async function startAlertmanager(program: string, configuration: object): Promise<Alertmanager> {
  const folder = await temporaryFolder({ "alertmanager.yml": JSON.stringify(configuration) }); // YAML includes JSON.
  const movable = join(folder.path, "alertmanager");
  await writeFile(movable, withRelativeTemplates(await readFile(program)), { mode: 0o700 });
  const address = `127.0.0.1:${await closedPort()}`;
  const server = spawn(
    movable,
    [
      `--config.file=${folder.path}/alertmanager.yml`,
      `--storage.path=${folder.path}/data`,
      `--web.listen-address=${address}`,
      "--cluster.listen-address=",
    ],
    { cwd: serversFolder, stdio: ["ignore", "ignore", "pipe"] },
  );
  const exited = once(server, "exit");
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const stop = async (): Promise<void> => {
    server.kill("SIGKILL");
    await exited;
    await folder[Symbol.asyncDispose]();
  };
  try {
    const isReady = async (): Promise<void> => {
      if (server.exitCode !== null) throw new Error(`Alertmanager ended: ${log}`);
      if (!(await fetch(`http://${address}/-/ready`)).ok) throw new Error(`Alertmanager is not ready: ${log}`);
    };
    await vi.waitFor(isReady, { timeout: 20_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  const api = `http://${address}/api/v2/alerts`;
  return {
    address,
    alerts: async () => (await (await fetch(api)).json()) as KnownAlert[], // As documented.
    groups: async () => (await (await fetch(`${api}/groups`)).json()) as { labels: Record<string, string> }[],
    fire: async (...labels) => {
      const body = JSON.stringify(labels.map((each) => ({ labels: each })));
      const answer = await fetch(api, { method: "POST", headers: { "content-type": "application/json" }, body });
      if (!answer.ok) throw new Error(`Alertmanager refuses an alert: ${await answer.text()}`);
    },
    [Symbol.asyncDispose]: stop,
  };
}

/**
 * Debian's program opens its default templates by an absolute path, where only an installed package has them. The same path,
 * as long as before, but relative, leads to those that were unpacked when the program runs in their folder.
 */
function withRelativeTemplates(program: Buffer): Buffer {
  const absolute = Buffer.from("/usr/share/prometheus/alertmanager");
  const relative = Buffer.from("usr/share//prometheus/alertmanager");
  for (let at = program.indexOf(absolute); at >= 0; at = program.indexOf(absolute, at)) relative.copy(program, at);
  return program;
}
