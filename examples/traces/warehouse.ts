import { setTimeout as pause } from "node:timers/promises";
import { trace } from "@opentelemetry/api";
import { startTracedServer } from "./traced-server.ts";

/** How long a request for the stock waits. */
const lockMilliseconds = Number(process.env.LOCK_MILLISECONDS ?? "800");

// The slow one: who asks for the stock waits for a lock.
startTracedServer("warehouse", {
  "/stock": async () => {
    await trace.getTracer("warehouse").startActiveSpan("wait for the lock of the table stock", async (span) => {
      await pause(lockMilliseconds);
      span.end();
    });
    return { apples: 12 };
  },
});
