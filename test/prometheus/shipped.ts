import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** What is shipped for Prometheus and Alertmanager. */
export const prometheusFolder = join(import.meta.dirname, "../../prometheus");

/** Where the pages are that tell what to do about an alert. */
export const runbooksFolder = join(import.meta.dirname, "../../docs/runbooks");

/** A rule as it stands in a file: one that records, or one that alerts. */
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The content of a file of rules. */
export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly interval?: string; readonly rules: readonly Rule[] }[];
}

/** The content of a file of unit tests, as far as it is looked at here. */
export interface RuleTestFile {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts: readonly { readonly exp_labels: Readonly<Record<string, string>> }[];
    }[];
  }[];
}

/** Every file of rules, by its name. */
export const ruleFiles: ReadonlyMap<string, RuleFile> = readFolder("rules");

/** Every file of unit tests, by its name. */
export const ruleTestFiles: ReadonlyMap<string, RuleTestFile> = readFolder("tests");

/** Every rule of every file. */
export const rules: readonly Rule[] = [...ruleFiles.values()].flatMap(({ groups }) =>
  groups.flatMap((group) => group.rules),
);

/** The names of the alerts, each once. */
export const alertNames: readonly string[] = [...new Set(rules.flatMap(({ alert }) => alert ?? []))];

/** Reads a file that is shipped. */
export function readShipped<Content>(path: string): Content {
  return parse(readFileSync(join(prometheusFolder, path), "utf8")) as Content; // The programs themselves judge its shape.
}

function readFolder<Content>(folder: string): ReadonlyMap<string, Content> {
  const names = readdirSync(join(prometheusFolder, folder));
  return new Map(names.map((name) => [name, readShipped<Content>(`${folder}/${name}`)]));
}
