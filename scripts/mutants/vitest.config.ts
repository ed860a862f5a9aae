import { configDefaults, defineConfig } from "vitest/config";
import { slowTests } from "../../test/support/slow-tests.ts";

/** What `scripts/mutate.ts` runs for each change: the fast tests of the folders that it names. */
export default defineConfig({
  test: {
    include: process.env.MUTATE_TESTS?.split(",") ?? ["test/**/*.test.ts"],
    // A browser takes ten seconds to say what the others say at once.
    exclude: [...configDefaults.exclude, ...slowTests, "test/**/*-in-browser.test.ts"],
    setupFiles: ["test/support/no-console.ts", "test/support/patience.ts"],
    reporters: [],
    // A change that makes a test hang is noticed by its time-out, so it is short, but not so short that a busy machine notices.
    env: { PATIENCE_MILLISECONDS: "3000" },
    testTimeout: 10_000,
    hookTimeout: 10_000,
  },
});
