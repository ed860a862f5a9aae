import { expect, it } from "vitest";
import { loadConfiguration } from "../../../src/config/load.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const checks = "checks: { disk: { type: disk, group: [host, storage] }, cpu: { type: cpu, group: host } }\n";

async function issuesOf(yaml: string): Promise<string> {
  await using folder = await temporaryFolder({ "healthspan.yaml": `${checks}${yaml}\n` });
  return loadConfiguration({ cwd: folder.path, environment: {} }).then(
    () => "",
    (error: unknown) => String(error),
  );
}

it.each([
  ["an announcement", (scope: string) => `announcements: [{ title: Move, ${scope} }]`],
  [
    "a maintenance",
    (scope: string) => `maintenance: [{ title: Move, ${scope}, start: 2026-03-14T22:00:00Z, duration: 1h }]`,
  ],
])("%s names checks and groups that exist, or is told which ones do", async (_, written) => {
  expect(await issuesOf(written("checks: [disk], groups: [host, host/storage, [host, storage]]"))).toBe("");
  expect(await issuesOf(written("checks: [dsik]"))).toMatch(/no check is called "dsik"\. Did you mean "disk"/);
  expect(await issuesOf(written("groups: [host/storag]"))).toMatch(
    /no check is in a group called "host\/storag".*host\/storage/,
  );
  expect(await issuesOf(written("groups: [[storage]]"))).toMatch(
    /no check is in a group called "storage".*host\/storage/,
  );
});
