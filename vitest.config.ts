import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";
import { slowTests } from "./test/support/slow-tests.ts";

export default defineConfig({
  test: {
    globalSetup: ["test/support/global-setup.ts"],
    setupFiles: ["test/support/no-console.ts", "test/support/patience.ts", "test/support/property-seed.ts"],
    reporters: ["default", "./test/support/proof-time-reporter.ts", "./test/support/summary-reporter.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // More than two cores have: many tests wait for something rather than compute.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "json-summary"],
      reportOnFailure: true,
      thresholds: { lines: 90 },
    },
    projects: [
      {
        extends: true,
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...slowTests],
        },
      },
      {
        extends: true,
        test: {
          name: "slow",
          include: slowTests,
          // After the others, and alone: what waits for real time needs a machine that is not too busy.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
        },
      },
    ],
  },
});
