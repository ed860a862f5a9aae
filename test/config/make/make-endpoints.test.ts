// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../../src/config/configuration-error.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const checks = "checks: { disk: { type: disk }, cpu: { type: cpu } }\n";

async function load(yaml: string) {
  await using folder = await temporaryFolder({ "healthspan.yaml": `${checks}${yaml}\n` });
  return await loadConfiguration({ cwd: folder.path, environment: { CHECK: "disk", TOKEN: "token" } });
}

async function messagesOf(yaml: string): Promise<readonly string[]> {
  const error = await load(yaml).catch((thrown: unknown) => thrown);
  if (!(error instanceof ConfigurationError)) throw error;
  return error.message.split("\n").map((line) => line.replace(/^healthspan\.yaml:\d+:\d+: /, ""));
}

describe("the endpoints of a configuration", () => {
  it("may be a list of checks, all of them, or a map, and get their defaults", async () => {
    const { endpoints, authentication } = await load(`endpoints:
  /all/: all
  node: ["\${CHECK}"]
  //a//b: { checks: [cpu, disk], degraded: pass, failureStatus: 503, details: status, auth: { bearer: "\${TOKEN}" } }
`);
    const defaults = { degraded: "fail", failureStatus: 500, details: undefined };
    expect(endpoints).toEqual([
      { ...defaults, path: "/all/", checks: ["disk", "cpu"] },
      { ...defaults, path: "/node/", checks: ["disk"] },
      { path: "/a/b/", checks: ["cpu", "disk"], degraded: "pass", failureStatus: 503, details: "status" },
    ]);
    expect([...authentication.keys()]).toEqual(["/a/b/", "/metrics"]);
  });

  it("are one at /health/ with all checks when there is no word of them", async () => {
    expect((await load("")).endpoints).toMatchObject([{ path: "/health/", checks: ["disk", "cpu"] }]);
  });

  it("name a variable that is not set once, however they list it", async () => {
    const list = await messagesOf('endpoints: { /health/: [disk, "${GONE}"] }');
    expect(list).toEqual([expect.stringContaining("GONE")]);
    expect(list[0]).toMatch(/^endpoints\.\/health\/\[1\]: /);
    const map = await messagesOf('endpoints: { /health/: { checks: ["${GONE}", disk] } }');
    expect(map).toEqual([expect.stringContaining("GONE")]);
    expect(map[0]).toMatch(/^endpoints\.\/health\/\.checks\[0\]: /);
  });

  it.each([
    ["endpoints: { /: all }", "endpoints./: must be a path below /, such as /health/"],
    [
      "endpoints: { /metrics: all }",
      "endpoints./metrics: is reserved for the server; choose another path, such as /health/",
    ],
    ...["readyz", "heartbeat", "probe"].map((name) => [
      `endpoints: { /${name}/: all }`,
      `endpoints./${name}/: is reserved for the server; choose another path, such as /health/`,
    ]),
    [
      "endpoints: { /livez/x: all }",
      "endpoints./livez/x: is reserved for the server; choose another path, such as /health/",
    ],
    ["endpoints: { /-/x: all }", "endpoints./-/x: is reserved for the server; choose another path, such as /health/"],
    [
      "endpoints: { /a/../b: all }",
      "endpoints./a/../b: must be a path such as /health/, of letters, digits and - . _ ~ only",
    ],
    [
      "endpoints: { /a/./b: all }",
      "endpoints./a/./b: must be a path such as /health/, of letters, digits and - . _ ~ only",
    ],
    [
      "endpoints: { /a b/: all }",
      "endpoints./a b/: must be a path such as /health/, of letters, digits and - . _ ~ only",
    ],
    [
      "endpoints: { /a/: all, a: all }",
      "endpoints.a: is the path of another endpoint too (/a/); change or remove one of them",
    ],
    ["endpoints: { /a/: [disk, cpu, disk] }", 'endpoints./a/[2]: "disk" is listed twice; remove one'],
    [
      "endpoints: { /a/: { checks: [dsk] } }",
      'endpoints./a/.checks[0]: no check is called "dsk". Did you mean "disk"?',
    ],
  ])("are refused: %s", async (yaml, message) => {
    expect(await messagesOf(yaml)).toEqual([message]);
  });

  it.each(["/metrics-of-mine/", "/health/metrics/", "/...", "/a~b_c-d.e/"])("may be at %s", async (path) => {
    expect((await load(`endpoints: { ${path}: all }`)).endpoints).toMatchObject([{ checks: ["disk", "cpu"] }]);
  });
});
