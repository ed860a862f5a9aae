import { configDefaults, defineConfig } from "vitest/config";
import { slowTests } from "../../test/support/slow-tests.ts";

/** What `scripts/mutate.ts` runs for each change: the fast tests of the folders that it names. */
export default defineConfig({
  test: {
    include: process.env.MUTATE_TESTS?.split(",") ?? ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...slowTests],
    setupFiles: ["test/support/no-console.ts", "test/support/patience.ts"],
    reporters: [],
    // A test that waits for what never comes has noticed the change: there is no point in waiting long.
    env: { PATIENCE_MILLISECONDS: "4000" },
    // Stryker itself ends what hangs, by how long it took without a change.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
