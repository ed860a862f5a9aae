import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../src/config/configuration-error.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const count = 10_000;

/** One line per check. */
const lines = (line: (n: number) => string): string => Array.from({ length: count }, (_, n) => `${line(n)}\n`).join("");

const checks = (options: (n: number) => string): string =>
  `checks:\n${lines((n) => `  check-${n}: { type: disk, ${options(n)} }`)}`;

/** Loads what is invalid, and watches for how long the event loop stood still. */
async function refuse(text: string) {
  await using folder = await temporaryFolder({ "healthspan.yaml": text });
  let ranAt = performance.now();
  let longestBlock = 0;
  const tick = (): void => {
    longestBlock = Math.max(longestBlock, performance.now() - ranAt);
    ranAt = performance.now();
  };
  const watch = setInterval(tick, 1);
  const startedAt = performance.now();
  const error = await loadConfiguration({ cwd: folder.path, environment: { SECRET: "hunter2" } }).catch(
    (thrown: unknown) => thrown,
  );
  const milliseconds = performance.now() - startedAt;
  tick();
  clearInterval(watch);
  expect(error).toBeInstanceOf(ConfigurationError);
  const { message } = error as ConfigurationError; // As was just seen.
  return { message: message.split("\n"), milliseconds, longestBlock };
}

// A slow or busy machine takes seconds; what grows with the square of the number takes minutes.
const maxMilliseconds = 15_000;
const maxBlockMilliseconds = 2_000;

describe("10,000 invalid checks", () => {
  it("with the same typo do not freeze the event loop, as they did for more than a minute", async () => {
    const { message, milliseconds, longestBlock } = await refuse(checks(() => "intervall: 1h"));
    expect(milliseconds).toBeLessThan(maxMilliseconds);
    expect(longestBlock).toBeLessThan(maxBlockMilliseconds);
    expect(message).toHaveLength(101);
    expect(message[0]).toMatch(/^healthspan\.yaml:2:26: checks\.check-0\.intervall: .* Did you mean "interval"\?$/);
    expect(message[99]).toContain("checks.check-99.intervall");
    expect(message[100]).toBe("healthspan.yaml: and 9,900 more issues");
  });

  it.each([
    ["unknown dependencies", checks((n) => `dependsOn: [chekc-${n}]`)],
    ["variables that are not set", checks((n) => `path: "\${UNSET_${n}}", intervall: 1h`)],
    ["secrets", checks(() => `path: "\${SECRET}", intervall: 1h`)],
    [
      "unknown names in an endpoint",
      `${checks(() => "path: /")}endpoints:\n  /health/:\n${lines((n) => `    - chekc-${n}`)}`,
    ],
    [
      "unknown names in probe",
      `${checks(() => "path: /")}probe:\n  sendCredentials:\n${lines((n) => `    - check-${n}`)}  checks:\n${lines((n) => `    - chekc-${n}`)}`,
    ],
    ["invalid endpoints", `endpoints:\n${lines((n) => `  /health-${n}/: { check: [cpu] }`)}`],
  ])("with %s are reported in seconds, the first 100 of them", async (_, text) => {
    const { message, milliseconds, longestBlock } = await refuse(text);
    expect(milliseconds).toBeLessThan(maxMilliseconds);
    expect(longestBlock).toBeLessThan(maxBlockMilliseconds);
    expect(message).toHaveLength(101);
    expect(message[100]).toMatch(/^healthspan\.yaml: and \d+,\d+ more issues$/);
    expect(message.join("\n")).not.toContain("hunter2");
  });

  it.each([
    ["a chain of dependencies with a circle at its end", (n: number) => Math.min(n + 1, count - 2), 1],
    ["a single circle", (n: number) => (n + 1) % count, 1],
    ["pairs that depend on each other", (n: number) => n ^ 1, 100],
  ])("that are %s are reported in seconds", async (_, dependency, circles) => {
    const { message, milliseconds } = await refuse(checks((n) => `dependsOn: [check-${dependency(n)}]`));
    expect(milliseconds).toBeLessThan(maxMilliseconds);
    expect(message).toHaveLength(circles);
    expect(message[0]).toContain("depends on itself in a circle");
    expect(message[0]?.length).toBeLessThan(600);
  });

  it("list only some of the known checks", async () => {
    const { message } = await refuse(`${checks(() => "path: /")}endpoints: { /health/: [completely-different] }\n`);
    expect(message).toHaveLength(1);
    expect(message[0]).toMatch(/Known checks: check-0, .*check-19 and 9,980 more$/);
  });
});
