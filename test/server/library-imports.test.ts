import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

/** Of the packages that a program has loaded after it has run this code, those whose path matches. */
function loaded(code: string, pattern: RegExp): readonly string[] {
  const program = `
    ${code}
    const { createRequire } = await import("node:module");
    const paths = Object.keys(createRequire(import.meta.url).cache);
    console.log(JSON.stringify([...new Set(paths.flatMap((path) => ${pattern}.exec(path) ?? []))]));
  `;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" }));
}

it("loads of OpenTelemetry nothing but the API into the program that embeds it", () => {
  expect(loaded('await import("./src/index.ts");', /@opentelemetry\/[^/]+/)).toEqual(["@opentelemetry/api"]);
});

it("loads Koa into no program but those that have it", () => {
  const code = `
    const { HealthMonitor, healthHandler } = await import("./src/index.ts");
    healthHandler(new HealthMonitor([]));
  `;
  expect(loaded(code, /node_modules\/koa\//)).toEqual([]);
});

it("loads of the page and the feeds nothing that renders them, before somebody asks for them", () => {
  const program = `
    import { registerHooks } from "node:module";
    const urls = [];
    registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context); } });
    await import("./src/server/application.ts");
    console.log(JSON.stringify(urls.flatMap((url) => /src\\/(?:page|formats)\\/.*/.exec(url) ?? [])));
  `;
  const modules = JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" }),
  );
  expect(modules).toContain("src/formats/json.ts");
  expect(modules.filter((path: string) => /page|atom|rss|feed/.test(path))).toEqual([
    "src/page/incidents/incidents-path.ts",
  ]);
});
