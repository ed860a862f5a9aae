import { configDefaults, defineConfig } from "vitest/config";
import { slowTests } from "../../test/support/slow-tests.ts";
import { ShortestFirst } from "./shortest-first.ts";

/**
 * What takes ten seconds for what the others say at once: a browser, Prometheus, thousands of headers at each kind of server; and
 * processes of their own, in which nothing is changed.
 */
const longTests = [
  "test/**/*-in-browser.test.ts",
  "test/server/**/*prometheus.test.ts",
  "test/server/hostile-headers.test.ts",
  "test/server/examples.test.ts",
  "test/server/library-imports.test.ts",
  "test/telemetry/convention.test.ts",
  "test/telemetry/traces/traces-example.test.ts",
];

/** What `scripts/mutate.ts` runs for each change: the fast tests of the folders that it names. */
export default defineConfig({
  test: {
    include: process.env.MUTATE_TESTS?.split(",") ?? ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...slowTests, ...longTests],
    setupFiles: [
      "test/support/no-console.ts",
      "scripts/mutants/set-patience.ts",
      "test/support/patience.ts",
      "scripts/mutants/say-waited.ts",
      "scripts/mutants/change-threads.ts",
    ],
    reporters: [],
    sequence: { sequencer: ShortestFirst },
    // Stryker itself ends what hangs, by how long it took without a change.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
