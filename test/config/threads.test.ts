import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const publicModule = new URL("../../src/index.ts", import.meta.url).href;

it("defaults.thread does not apply to checks that need the main thread", async () => {
  const text = `
defaults: { thread: true }
checks:
  loop: { type: event-loop }
  backup: { type: heartbeat, every: 1d, token: correct horse }
  disk: { type: disk }
`;
  await using folder = await temporaryFolder({ "healthspan.yaml": text });
  const { checks } = await loadConfiguration({ cwd: folder.path, environment: {} });
  expect(checks.map(({ name, thread }) => [name, thread])).toEqual([
    ["loop", false],
    ["backup", false],
    ["disk", true],
  ]);
});

it.each([
  ["", "checks.mine.thread: must be false: a thread finds Mine only when"],
  ["export ", undefined],
])("a class of a configuration in TypeScript must be exported: %s", async (prefix, message) => {
  const text = `
import { defineConfig, HealthCheck } from "${publicModule}";
${prefix}class Mine extends HealthCheck {
  static readonly module = import.meta.url;
  override run(): void {}
}
export default defineConfig({ checks: { mine: new Mine({ thread: true }) } });
`;
  await using folder = await temporaryFolder({ "healthspan.config.ts": text });
  const loaded = loadConfiguration({ cwd: folder.path, environment: {} });
  if (message === undefined) await expect(loaded).resolves.toMatchObject({ checks: [{ name: "mine", thread: true }] });
  else {
    await expect(loaded).rejects.toThrow(message);
    await expect(loaded).rejects.toThrow(pathToFileURL(folder.path).href);
  }
});
