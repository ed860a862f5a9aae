import { expect, it } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

async function load(text: string) {
  await using folder = await temporaryFolder({ "healthspan.yaml": text });
  return await loadConfiguration({ cwd: folder.path, environment: {} });
}

it("options that start with x- are not refused, so that anchors have a place", async () => {
  const { checks } = await load(`
x-slow: &slow { timeout: 30s, interval: 5m }
x-paths:
  - &data /var
  - password: "\${NOT_SET}"
service: { name: shop, x-owner: payments }
checks:
  one: { type: disk, path: *data, <<: *slow }
  two:
    type: disk
    x-notes: &usage { maxUsage: 80% }
    <<: [*usage, *slow]
`);
  expect(checks.map(({ name, labels, timeout }) => [name, labels, String(timeout)])).toEqual([
    ["one", { path: "/var" }, "30s"],
    ["two", { path: "/" }, "30s"],
  ]);
});

it("they are ignored wherever there are options", async () => {
  const configuration = await load(`
server: { x-a: 1, limits: { x-b: 2 } }
defaults: { x-c: 3, timeout: 2s }
checks: { disk: { type: disk, x-d: 4 } }
endpoints: { /health/: { checks: all, x-e: 5, auth: { bearer: token, x-f: 6 } } }
traces: { keep: { ratio: 10%, x-g: 7 } }
`);
  expect(configuration.checks.map(({ timeout }) => String(timeout))).toEqual(["2s"]);
  expect(configuration.endpoints).toHaveLength(1);
});

it("an option without the hyphen is still unknown", async () => {
  await expect(load("xtimeout: 5s\nchecks: { disk: { type: disk, x: 1 } }\n")).rejects.toThrow(
    /xtimeout: unknown option "xtimeout".*\n.*unknown option "x" for the disk check/,
  );
});

it("a name or header that starts with x- is one like any other", async () => {
  const { checks } = await load(`
checks:
  x-ray: { type: http, url: https://shop.example/, headers: { x-api-key: abc } }
endpoints: { /x-ray/: [x-ray] }
`);
  expect(checks.map(({ name }) => name)).toEqual(["x-ray"]);
  expect(Reflect.get(checks[0] ?? {}, "headers")).toHaveProperty("x-api-key");
  await expect(load("checks: { x-ray: { timeout: 5s } }")).rejects.toThrow("checks.x-ray.type: is missing");
});
