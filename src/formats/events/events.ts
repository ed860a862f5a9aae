import type { Format } from "../format.ts";
import { offered } from "../offered-formats.ts";
import { reportEvent } from "./report-events.ts";

/** After how many milliseconds a client comes again that has lost its connection. */
const retryMilliseconds = 5000;

/**
 * Changes as server-sent events, for as long as the client stays. What is rendered is how a stream begins; the server goes on
 * from there.
 */
export const events: Format = {
  ...offered.events,
  tellsByStatus: false,
  render: (report) => `retry: ${retryMilliseconds}\n${reportEvent(report)}`,
};
