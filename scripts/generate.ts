import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileSchema } from "../src/config/schema/file-schema.ts";
import { configurationSchema } from "../src/config/schema/json-schema.ts";
import { jsonSchemaOf } from "../src/config/schema/schema-at.ts";
import type { HealthCheckClass } from "../src/health/health-check.ts";
import { catalogueModule } from "./catalogue-module.ts";
import { configurationPage } from "./configuration-page.ts";
import { conventionPage } from "./convention/page.ts";
import { readRegistry } from "./convention/registry.ts";
import { resolveConvention } from "./convention/resolve.ts";
import { type GeneratedFiles, writeOrCheck } from "./generated-files.ts";
import { metricsPage } from "./metrics-page.ts";
import { noticesPage } from "./notices-page.ts";
import { providersSection } from "./providers-section.ts";
import { checksModule, coreModule, indexModule } from "./public-exports.ts";
import { readChecks } from "./read-checks.ts";
import { type DocumentedCheck, probingPage, referenceIndex, referencePage } from "./reference-page.ts";

// Writes what follows from the sources of the checks, the schema of the configuration and the semantic conventions: the
// catalogue, the reference and the JSON Schema. With --check it writes nothing, and exits 1 when a file is not as it would be written.

const root = join(import.meta.dirname, "..");
const referenceFolder = "docs/checks";

/** Every generated file as it should be. */
export async function generateFiles(): Promise<GeneratedFiles> {
  const checks = await documentedChecks();
  const convention = resolveConvention(await readRegistry());
  const files = new Map<string, string | undefined>();
  for (const name of await readdir(join(root, referenceFolder))) files.set(`${referenceFolder}/${name}`, undefined);
  for (const check of checks) files.set(`${referenceFolder}/${check.type}.md`, referencePage(check));
  const pages = `${referenceFolder}/status-page.md`;
  files.set(pages, `${files.get(pages)}${providersSection()}`);
  files.set(`${referenceFolder}/README.md`, referenceIndex(checks));
  files.set("docs/semantic-conventions.md", conventionPage(convention));
  files.set("docs/metrics.md", metricsPage(checks));
  files.set("src/checks/index.ts", catalogueModule(checks));
  files.set("src/checks.ts", checksModule(checks));
  const index = indexModule(await readFile(join(root, "src/index.ts"), "utf8"), checks);
  files.set("src/index.ts", index);
  files.set("src/core.ts", coreModule(index));
  files.set("docs/schema.json", `${JSON.stringify(configurationSchema(checks), null, 2)}\n`);
  const page = await readFile(join(root, "docs/configuration.md"), "utf8");
  files.set("docs/configuration.md", configurationPage(page, jsonSchemaOf(fileSchema)));
  files.set("docs/notices.md", noticesPage(await readFile(join(root, "docs/notices.md"), "utf8")));
  files.set("docs/probing.md", probingPage(await readFile(join(root, "docs/probing.md"), "utf8"), checks));
  return files;
}

async function documentedChecks(): Promise<readonly DocumentedCheck[]> {
  const sources = await readChecks();
  return Promise.all(
    sources.map(async (source) => {
      // The class that readChecks() has found in the file.
      const module = (await import(`../src/checks/${source.type}.ts`)) as Record<string, HealthCheckClass | undefined>;
      const Check = module[source.className];
      if (Check === undefined) throw new Error(`src/checks/${source.type}.ts does not export ${source.className}`);
      return { ...source, Check };
    }),
  );
}

if (import.meta.main) await writeOrCheck(await generateFiles(), "generate.ts");
