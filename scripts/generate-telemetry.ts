import { conventionModules } from "./convention/modules.ts";
import { readRegistry } from "./convention/registry.ts";
import { resolveConvention } from "./convention/resolve.ts";
import { type GeneratedFiles, writeOrCheck } from "./generated-files.ts";

// Writes the names and the metrics of src/telemetry from semantic-conventions/. A script of its own, because the others load
// what it writes. With --check it writes nothing, and exits 1 when a file is not as it would be written.

/** The modules that follow from the semantic conventions. */
export async function telemetryFiles(): Promise<GeneratedFiles> {
  return conventionModules(resolveConvention(await readRegistry()));
}

if (import.meta.main) await writeOrCheck(await telemetryFiles(), "generate-telemetry.ts");
