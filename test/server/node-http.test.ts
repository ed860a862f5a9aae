import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";

/** Whether a program that imports a module has loaded the library behind Node's own `fetch` and `WebSocket`. */
function loadsFetch(specifier: string): boolean {
  const program = `
    await import(${JSON.stringify(specifier)});
    console.log(process.moduleLoadList.includes("NativeModule internal/deps/undici/undici"));
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  return JSON.parse(output);
}

describe("Node's own http", () => {
  it.each([
    "server/node-http.ts",
    "clients/http/wire/exchange.ts",
    "server/listen.ts",
    "cli/serve.ts",
    "app/running-server.ts",
  ])("comes without fetch in src/%s", (module) => {
    expect(loadsFetch(`./src/${module}`)).toBe(false);
  });

  it("would come with it in an import statement", () => {
    expect(loadsFetch("node:http")).toBe(true);
  });
});
