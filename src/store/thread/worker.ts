import { parentPort, workerData } from "node:worker_threads";
import type { FromThread, StoreLocation, ToThread } from "./messages.ts";
import { StoreThread } from "./store-thread.ts";

// SQLite answers while nothing else runs in the thread: all that is written and read of history happens here.

const port = parentPort;
if (port !== null) {
  const post = (message: FromThread, transfer: readonly ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);
  const thread = new StoreThread(workerData as StoreLocation, post); // Only store-client.ts starts this.
  await thread.open();
  port.on("message", (message: ToThread) => thread.take(message));
}
