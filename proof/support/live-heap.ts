import { fileURLToPath } from "node:url";
import type { Served } from "../../bench/support/serve.ts";

const liveHeapModule = fileURLToPath(new URL("live-heap.mjs", import.meta.url));

/** Node's options with which {@link liveHeapMegabytes} can be asked. */
export const liveHeapOptions: readonly string[] = ["--expose-gc", `--import=${liveHeapModule}`];

/** The memory that a server started with {@link liveHeapOptions} uses, buffers included, garbage aside, in megabytes. */
export async function liveHeapMegabytes(server: Served): Promise<number> {
  return ((await server.ask({})) as { readonly megabytes: number }).megabytes; // As the module answers.
}
