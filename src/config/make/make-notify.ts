import { HealthCheck } from "../../health/health-check.ts";
import { MissingPackageError } from "../../health/optional-import.ts";
import type { ChannelTypeName, channelTypes } from "../../notices/catalogue.ts";
import type { Channel } from "../../notices/channel.ts";
import type { ConfigurationIssue, ConfigurationPath } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import { channelName } from "../schema/notify-fields.ts";
import { suggestion } from "../schema/suggestion.ts";
import { validate } from "../schema/validate-source.ts";
import type { EndpointNotify } from "./make-endpoints.ts";

/** The channels that could be made, and the issues of the others. */
export interface MadeNotify {
  readonly channels: readonly Channel[];
  readonly issues: readonly ConfigurationIssue[];
}

/**
 * Makes the channels of a configuration, and gives each check those that are named for it: a check's own `notify` comes before
 * that of the endpoints that show it, and that before the `notify` of `defaults`.
 * @param checks those that could be constructed
 */
export async function makeNotify(
  source: Source,
  checks: readonly HealthCheck[],
  endpoints: readonly EndpointNotify[],
): Promise<MadeNotify> {
  const value = mapOf(source.value);
  const entries = mapOf(value.notify);
  const made = await makeChannels(source, entries);
  const named = [
    ...(Array.isArray(mapOf(value.defaults).notify)
      ? [{ where: ["defaults", "notify"], names: mapOf(value.defaults).notify }]
      : []),
    ...endpoints.map(({ where, channels }) => ({ where, names: channels })),
    ...checks.flatMap(({ name, notify }) =>
      hasOwn(value, name) && notify !== undefined ? [{ where: ["checks", name, "notify"], names: notify }] : [],
    ),
  ] as readonly { readonly where: ConfigurationPath; readonly names: readonly string[] }[]; // Their schemas have read them.
  for (const check of checks) {
    if (hasOwn(value, check.name)) continue;
    const ofEndpoints = endpoints.filter((endpoint) => endpoint.checks.includes(check.name));
    if (ofEndpoints.length === 0) continue;
    Object.assign(check, { notify: [...new Set(ofEndpoints.flatMap(({ channels }) => channels))] });
  }
  return {
    channels: made.channels,
    issues: [
      ...made.issues,
      ...named.flatMap(({ where, names }) => nameIssues(source, where, names, Object.keys(entries))),
    ],
  };
}

/** Whether the entry of a check itself says who is told of it. */
function hasOwn(value: Readonly<Record<string, unknown>>, check: string): boolean {
  const entry = mapOf(value.checks)[check];
  return entry instanceof HealthCheck ? entry.notify !== undefined : mapOf(entry).notify !== undefined;
}

function nameIssues(
  source: Source,
  where: ConfigurationPath,
  names: readonly string[],
  known: readonly string[],
): readonly ConfigurationIssue[] {
  return names.flatMap((name, index) => {
    const path = [...where, index];
    if (known.includes(name) || source.isUnresolved(path)) return [];
    const list =
      known.length === 0 ? " There are no channels: add some under notify" : ` Known channels: ${known.join(", ")}`;
    return [source.issue(path, `no channel is called "${name}".${suggestion(name, known) || list}`)];
  });
}

async function makeChannels(source: Source, entries: Readonly<Record<string, unknown>>): Promise<MadeNotify> {
  const names = Object.keys(entries);
  if (names.length === 0) return { channels: [], issues: [] };
  // Loaded only where somebody is told.
  const [{ channelTypes }, { Channel }] = await Promise.all([
    import("../../notices/catalogue.ts"),
    import("../../notices/channel.ts"),
  ]);
  const channels: Channel[] = [];
  const issues: ConfigurationIssue[] = [];
  for (const name of names) {
    const path = ["notify", name];
    const refuse = (message: string, ...inner: string[]): void => {
      const whole = [...path, ...inner];
      if (!source.isUnresolved(whole)) issues.push(source.issue(whole, message));
    };
    const [nameIssue] = channelName.safeParse(name).error?.issues ?? [];
    if (nameIssue !== undefined) {
      issues.push(source.issue(path, `the name ${nameIssue.message}`, { about: "key" }));
      continue;
    }
    const entry = entries[name];
    if (!isMap(entry)) {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
      refuse('must be a map with a type and its options, such as { type: slack, url: "${SLACK_URL}" }');
      continue;
    }
    const { type, ...options } = entry;
    if (typeof type !== "string" || !isKnown(type, channelTypes)) {
      const known = Object.keys(channelTypes);
      const all = ` Known types: ${known.join(", ")}`;
      const what = type === undefined ? "is missing." : `unknown type ${JSON.stringify(type)}.`;
      refuse(`${what}${suggestion(String(type ?? name), known) || all}`, "type");
      continue;
    }
    const channelType = await channelTypes[type]();
    const part = { source, path, subject: `the channel type ${type}` };
    const validated = validate(channelType.schema, options, part);
    issues.push(...(validated.issues ?? []));
    if (validated.value === undefined) continue;
    try {
      channelType.prepare?.(validated.value);
      channels.push(new Channel(name, channelType, validated.value));
    } catch (error) {
      if (!(error instanceof MissingPackageError)) throw error;
      issues.push(source.issue(path, error.message, { about: "key" }));
    }
  }
  return { channels, issues };
}

function isKnown(type: string, types: typeof channelTypes): type is ChannelTypeName {
  return Object.hasOwn(types, type);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? value : {};
}
