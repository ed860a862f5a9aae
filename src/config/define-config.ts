import type { z } from "zod";
import type { catalogue } from "../checks/index.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { ChannelConfiguration } from "../notices/open-channel.ts";
import type { fileSchema } from "./schema/file-schema.ts";

type Catalogue = typeof catalogue;

/** The options of a check in the catalogue, including its `type`; its name is its key. */
export type CheckConfiguration = {
  [Type in keyof Catalogue]: { readonly type: Type; readonly name?: never } & Omit<OptionsOf<Type>, "name">;
}[keyof Catalogue];

type OptionsOf<Type extends keyof Catalogue> = NonNullable<
  ConstructorParameters<Awaited<ReturnType<Catalogue[Type]>>>[0]
>;

/** The default export of `healthspan.config.ts`: the same options as in YAML, where a check may also be an object. */
export type ConfigurationInput = Omit<z.input<typeof fileSchema>, "checks" | "notify"> & {
  /** The checks by name. Default: the host's CPU, memory, disk and event loop. */
  readonly checks?: Readonly<Record<string, CheckConfiguration | HealthCheck>>;
  /** The channels that are told of changes, by name. Default: nobody is told. */
  readonly notify?: Readonly<Record<string, ChannelConfiguration>>;
};

/** Gives the default export of `healthspan.config.ts` its type, so that editors can complete and check it. */
export function defineConfig(configuration: ConfigurationInput): ConfigurationInput {
  return configuration;
}
