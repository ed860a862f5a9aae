import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

/** So long the shortened proofs may take together, one counted after the other, however many run at once. */
const maxSeconds = 300;

/** Fails a test run whose shortened proofs took too long: they are to be run every time. */
export default class ProofTimeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const proofs = modules.filter(({ moduleId }) => relative(process.cwd(), moduleId).startsWith("test/proof/"));
    if (proofs.length === 0) return;
    const seconds = proofs.reduce((sum, module) => sum + module.diagnostic().duration, 0) / 1000;
    const told = `the shortened proofs took ${seconds.toFixed(0)} s together`;
    if (seconds <= maxSeconds) {
      process.stdout.write(`${told}\n`);
      return;
    }
    process.stdout.write(`${told}, which is more than the ${maxSeconds} s that they may\n`);
    process.exitCode = 1;
  }
}
