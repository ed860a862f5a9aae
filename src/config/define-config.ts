import type { z } from "zod";
import type { catalogue } from "../checks/index.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { fileSchema } from "./schema/file-schema.ts";

type Catalogue = typeof catalogue;

/** The options of a check of the catalogue, with its `type`; its name is its key. */
export type CheckConfiguration = {
  [Type in keyof Catalogue]: { readonly type: Type; readonly name?: never } & Omit<OptionsOf<Type>, "name">;
}[keyof Catalogue];

type OptionsOf<Type extends keyof Catalogue> = NonNullable<
  ConstructorParameters<Awaited<ReturnType<Catalogue[Type]>>>[0]
>;

/** What `healthspan.config.ts` exports: what a YAML file says, and checks that are objects. */
export type ConfigurationInput = Omit<z.input<typeof fileSchema>, "checks"> & {
  /** The checks by their names. Default: the host's processors, memory, disk and event loop. */
  readonly checks?: Readonly<Record<string, CheckConfiguration | HealthCheck>>;
};

/** Gives the default export of `healthspan.config.ts` its type, so that an editor completes and checks it. */
export function defineConfig(configuration: ConfigurationInput): ConfigurationInput {
  return configuration;
}
