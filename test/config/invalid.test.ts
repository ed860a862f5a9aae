import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../src/config/configuration-error.ts";
import { loadConfiguration } from "../../src/config/load.ts";

const folder = join(import.meta.dirname, "invalid");

/** Secrets in the files themselves, and in the environment. */
const secrets = /hunter2|S3cret-of-the-test/;

const environment = { SECRET: "S3cret-of-the-test", NUMBER: "-7", EMPTY: "" };

/** A message without a file of the same name is that of a missing file. */
const names = new Set(readdirSync(folder).map((name) => name.replace(/\.(?:yaml|txt)$/, "")));

describe("an invalid configuration", () => {
  it.each([...names].sort())("%s", async (name) => {
    const error = await loadConfiguration({ path: `${name}.yaml`, cwd: folder, environment }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ConfigurationError);
    const { message } = error as ConfigurationError; // As was just seen.
    for (const line of message.split("\n")) expect(line).toMatch(new RegExp(`^${name}\\.yaml(?::\\d+:\\d+)?: \\S`));
    expect(message).not.toMatch(secrets);
    await expect(`${message}\n`).toMatchFileSnapshot(join(folder, `${name}.txt`));
  });

  it("is tested in every way, including a missing file", () => {
    expect(names.size).toBeGreaterThanOrEqual(50);
    expect(existsSync(join(folder, "missing.yaml"))).toBe(false);
    expect(names).toContain("missing");
  });
});
