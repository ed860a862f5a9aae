import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { pushedFiles } from "../../scripts/generate-pushed.ts";
import { staleFiles } from "../../scripts/generated-files.ts";
import { itWithServers } from "../support/servers.ts";
import { prometheusFolder, type RuleFile, ruleFiles, ruleTestFiles } from "./shipped.ts";

const run = promisify(execFile);
const folder = join(prometheusFolder, "pushed");
const grafanaFolder = join(prometheusFolder, "../grafana/pushed");
const testFiles = yamlFiles(join(folder, "tests"));

describe("what is shipped for pushed metrics", () => {
  it("is as it is written now: else run node scripts/generate-pushed.ts", async () => {
    expect(await staleFiles(pushedFiles())).toEqual([]);
    expect(yamlFiles(folder)).toEqual([...ruleFiles.keys()].sort());
    expect(testFiles).toEqual([...ruleTestFiles.keys()].sort());
    const ofGrafana = [...pushedFiles().keys()].filter((path) => path.startsWith("grafana/pushed/"));
    expect(readdirSync(grafanaFolder).sort()).toEqual(ofGrafana.map((path) => basename(path)).sort());
  });

  it("has the rules for scraped metrics, with the same names, severities and runbooks", () => {
    const facts = ({ groups }: RuleFile) =>
      groups.map(({ rules, ...group }) => [
        group,
        rules.map(({ expr: _, annotations, ...rule }) => [rule, annotations?.runbook_url]),
      ]);
    for (const [name, scraped] of ruleFiles) {
      expect(facts(parse(readFileSync(join(folder, name), "utf8"))), name).toEqual(facts(scraped));
    }
  });

  itWithServers(["promtool"], "has valid rules", async ({ promtool }) => {
    const files = yamlFiles(folder).map((name) => join(folder, name));
    const { stdout } = await run(promtool, ["check", "rules", "--lint=all", ...files]);
    expect(stdout.match(/SUCCESS/g)).toHaveLength(ruleFiles.size);
  });
});

function yamlFiles(path: string): readonly string[] {
  const names = readdirSync(path).filter((name) => name.endsWith(".yaml"));
  return names.sort();
}
