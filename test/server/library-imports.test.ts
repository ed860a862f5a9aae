import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

it("loads of OpenTelemetry nothing but the API into the program that embeds it", () => {
  const program = `
    await import("./src/index.ts");
    const { createRequire } = await import("node:module");
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log(JSON.stringify([...new Set(loaded.flatMap((path) => /@opentelemetry\\/[^/]+/.exec(path) ?? []))]));
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  expect(JSON.parse(output)).toEqual(["@opentelemetry/api"]);
});
