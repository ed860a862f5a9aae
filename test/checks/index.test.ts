import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../../src/checks/index.ts";
import { type CataloguedCheck, loadCatalogue } from "../../src/config/load-catalogue.ts";
import { describeCommonOptions, describeOptions } from "../../src/config/schema/describe-options.ts";
import { jsonSchemaOf } from "../../src/config/schema/schema-at.ts";

const root = join(import.meta.dirname, "../..");
const files = readdirSync(join(root, "src/checks")).filter((name) => name !== "index.ts");
const types = files.map((name) => basename(name, ".ts")).sort();
let checks: readonly CataloguedCheck[];

beforeAll(async () => {
  checks = await loadCatalogue();
});

it("the catalogue has every file, and nothing else", () => {
  expect(Object.keys(catalogue)).toEqual(types);
});

describe.each(types)("%s", (type) => {
  const find = (): CataloguedCheck => {
    const found = checks.find((check) => check.type === type);
    if (found === undefined) throw new Error(`the catalogue has no ${type}`);
    return found;
  };

  it("has a test and a page", () => {
    expect(existsSync(join(root, `test/checks/${type}.test.ts`))).toBe(true);
    expect(existsSync(join(root, `docs/checks/${type}.md`))).toBe(true);
  });

  it("has a class that is called as its file", () => {
    const words = find().Check.name.match(/[A-Z][a-z0-9]*/g) ?? [];
    expect(words.join("")).toBe(find().Check.name);
    expect(words.join("-").toLowerCase()).toBe(type);
  });

  it("says where a thread finds it, or why none may run it", () => {
    const { Check } = find();
    const module = pathToFileURL(join(root, `src/checks/${type}.ts`)).href;
    expect(Object.hasOwn(Check, "module") ? Check.module : Check.mainThreadOnly).toMatch(
      Check.mainThreadOnly === undefined ? module : /^[a-z].*[^.]$/,
    );
  });

  it("is summed up in a sentence", () => {
    expect(find().summary).toMatch(/^[A-Z].{10,150}\.$/);
  });

  it("says of each option what it is", () => {
    const { Check } = find();
    for (const { name, description, type: kind } of [...describeOptions(Check), ...describeCommonOptions()]) {
      expect(description, name).toMatch(/^\S.*[.:].*$/);
      expect(kind, name).not.toBe("anything");
    }
  });

  it("says on its page what a target of /probe is, if it takes one", () => {
    const page = readFileSync(join(root, `docs/checks/${type}.md`), "utf8");
    expect(page.includes("## Probing")).toBe("retarget" in find().Check.prototype);
  });

  it("has no label that looks like a credential, and none that is a secret", () => {
    const { labels } = find().Check.definition;
    for (const [name, schema] of Object.entries(labels)) {
      expect(name).not.toMatch(/password|passphrase|secret|token|credential|bearer|authorization|cookie|key$/i);
      // An address leaves its credentials out when it prints.
      const { title, writeOnly } = jsonSchemaOf(schema);
      expect(writeOnly === true && title !== "address", `${name} is secret`).toBe(false);
    }
  });

  it("has no option in the open that looks like a credential", () => {
    for (const { name, type: kind } of describeOptions(find().Check)) {
      if (/password|passphrase|secret|token|credential|bearer|Key$/.test(name)) expect(kind, name).toBe("secret");
    }
  });
});
