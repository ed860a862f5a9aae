import { vi } from "vitest";

/** A condition that a test waits for may take long on a busy machine; a test that hangs ends by its own time-out. */
const longestWaitMilliseconds = Number(process.env.PATIENCE_MILLISECONDS ?? 10_000);

const { waitFor } = vi;
vi.waitFor = (callback, options = longestWaitMilliseconds) => waitFor(callback, options);
