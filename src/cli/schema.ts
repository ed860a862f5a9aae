import { loadCatalogue } from "../config/load-catalogue.ts";
import { configurationSchema } from "../config/schema/json-schema.ts";
import type { Console } from "./output/console.ts";

/** `healthspan schema`: prints the JSON Schema of configurations, for editors. */
export async function schema(console: Console): Promise<void> {
  console.stdout.write(`${JSON.stringify(configurationSchema(await loadCatalogue()), null, 2)}\n`);
}
