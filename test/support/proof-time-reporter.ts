import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

/** How long the shortened proofs may take together: the sum of their times, however many run at once. */
const maxSeconds = 300;

/** Fails a test run whose shortened proofs took too long: they are to be run every time. */
export default class ProofTimeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const proofs = modules.filter(({ moduleId }) => relative(process.cwd(), moduleId).startsWith("test/proof/"));
    if (proofs.length === 0) return;
    const seconds = proofs.reduce((sum, module) => sum + module.diagnostic().duration, 0) / 1000;
    const sentence = `the shortened proofs took ${seconds.toFixed(0)} s together`;
    if (seconds <= maxSeconds) {
      process.stdout.write(`${sentence}\n`);
      return;
    }
    process.stdout.write(`${sentence}, which is more than the ${maxSeconds} s that they may\n`);
    process.exitCode = 1;
  }
}
