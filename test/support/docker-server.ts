import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { installedProgram, type Service } from "./it-with-service.ts";
import { waitFor } from "./wait-for.ts";

const run = promisify(execFile);
const program = installedProgram("podman") ?? "";

/** Says whether throw-away services can be started. */
export const podmanProgram: Service = {
  name: "podman",
  available: program !== "" && process.getuid?.() === 0,
  advice: "Install podman, and be root.",
};

/** Podman's API as Docker's, with containers of its own, for as long as a test. */
export interface DockerServer extends AsyncDisposable {
  /** The path of its Unix socket. */
  readonly path: string;
}

/**
 * Starts the service, and waits until it listens.
 * @param container that is to exist. It never ran: not every machine that runs tests lets containers run
 */
export async function startDocker(container: string): Promise<DockerServer> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-docker-"));
  const storage = ["--root", join(folder, "graph"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
  const options = [...storage, "--cgroup-manager", "cgroupfs", "--events-backend", "file"];
  const path = join(folder, "socket");
  const archive = join(folder, "empty.tar");
  await writeFile(archive, Buffer.alloc(1024)); // Two empty blocks: an archive without files.
  await run(program, [...options, "import", "--quiet", archive, "empty"]);
  await run(program, [...options, "create", "--name", container, "--network", "none", "empty", "/nothing"]);
  const service = spawn(program, [...options, "system", "service", "--time=0", `unix://${path}`], { stdio: "ignore" });
  const exited = once(service, "exit");
  const dispose = async (): Promise<void> => {
    service.kill("SIGKILL");
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitFor(async () => {
      const socket = createConnection(path);
      await once(socket, "connect");
      socket.destroy();
    });
  } catch (error) {
    await dispose();
    throw error;
  }
  return { path, [Symbol.asyncDispose]: dispose };
}
