import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LoadOutcome } from "./load-process.ts";

const program = fileURLToPath(new URL("load-process.ts", import.meta.url));

/** Asks an address over so many connections for so long, as fast as it is answered, from a process of its own. */
export async function putUnderLoad(url: string, connections: number, seconds: number): Promise<LoadOutcome> {
  const child = fork(program, [url, String(connections), String(seconds)], {
    env: { ...process.env, NODE_V8_COVERAGE: "" },
    execArgv: [],
  });
  try {
    const [outcome] = await once(child, "message", { signal: AbortSignal.timeout((seconds + 30) * 1000) });
    return outcome as LoadOutcome; // The only message of the process.
  } finally {
    child.kill("SIGKILL");
  }
}
