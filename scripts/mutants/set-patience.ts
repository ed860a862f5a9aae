import { inject } from "vitest";

// Says how long `test/support/patience.ts` waits. Without a change all tests have to pass, however busy the machine is.

declare module "vitest" {
  interface ProvidedContext {
    /** Stryker's: whether there is a change. */
    mode: "dry-run" | "mutant";
  }
}

const patience = inject("mode") === "dry-run" ? "30000" : process.env.MUTATE_PATIENCE;
if (patience !== undefined) process.env.PATIENCE_MILLISECONDS = patience;
