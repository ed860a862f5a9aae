import { join } from "node:path";
import { itWithServers } from "../support/servers.ts";
import { testRules } from "./promtool.ts";
import { prometheusFolder, ruleTestFiles } from "./shipped.ts";

// Each scraped test has a pushed one of its name: pushed.test.ts.
for (const name of ruleTestFiles.keys()) {
  itWithServers(
    ["promtool"],
    `the rules for pushed metrics do what pushed/tests/${name} expects`,
    ({ promtool }) => testRules(promtool, join(prometheusFolder, "pushed/tests", name)),
    60_000,
  );
}
