import { readFile } from "node:fs/promises";
import { cpus, release, totalmem, type } from "node:os";

/** When and on what something was measured, as a sentence to be called at its end. */
export async function describeMachine(): Promise<string> {
  const [processor] = cpus();
  const load = (await readFile("/proc/loadavg", "utf8")).split(" ").slice(0, 3).join(" ");
  return [
    `Measured on ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC with Node.js ${process.versions.node}`,
    `on ${cpus().length} cores of ${processor?.model.trim() || "an unnamed processor"}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB,`,
    `${type()} ${release()}; the machine's load over 1, 5 and 15 minutes at the end was ${load}, this measurement's own included.`,
  ].join("\n");
}
