import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installedProgram, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";
import { waitFor } from "./wait-for.ts";

const daemon = installedProgram("clickhouse-server");

/** Says whether throw-away servers can be started. */
export const clickhouseProgram: Service = {
  name: "clickhouse-server",
  available: daemon !== undefined,
  advice: "Install clickhouse-server.",
};

/** A ClickHouse server that lives as long as some tests. */
export interface ClickhouseServer extends AsyncDisposable {
  readonly port: number;
}

/** Whom it lets in: the default user without a password, and two with one, of whom the latter may set nothing. */
const users = `<yandex>
  <profiles><default></default><readonly><readonly>1</readonly></readonly></profiles>
  <quotas><default></default></quotas>
  <users>
    <default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></default>
    <probe>
      <password>right:word</password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
      <allow_databases><database>default</database></allow_databases>
    </probe>
    <narrow><password>word</password><networks><ip>::/0</ip></networks><profile>readonly</profile><quota>default</quota></narrow>
  </users>
</yandex>`;

/** Starts a server on loopback, and waits until it answers. */
export async function startClickhouse(wantedPort?: number): Promise<ClickhouseServer> {
  const port = wantedPort ?? (await stablePort());
  const folder = await mkdtemp(join(tmpdir(), "healthspan-clickhouse-"));
  await mkdir(join(folder, "data"));
  await writeFile(join(folder, "users.xml"), users);
  await writeFile(
    join(folder, "config.xml"),
    `<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <http_port>${port}</http_port>
  <listen_host>127.0.0.1</listen_host>
  <path>${folder}/data/</path>
  <tmp_path>${folder}/data/tmp/</tmp_path>
  <users_config>${folder}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>5368709</mark_cache_size>
</yandex>`,
  );
  const server = spawn(daemon ?? "", [`--config-file=${folder}/config.xml`], { stdio: "ignore", cwd: folder });
  const exited = once(server, "exit");
  const dispose = async (): Promise<void> => {
    server.kill("SIGKILL");
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitFor(async () => expectOk(await fetch(`http://127.0.0.1:${port}/ping`)));
  } catch (error) {
    await dispose();
    throw new Error("ClickHouse does not answer", { cause: error });
  }
  return { port, [Symbol.asyncDispose]: dispose };
}

function expectOk(response: Response): void {
  if (!response.ok) throw new Error(`status ${response.status}`);
}
