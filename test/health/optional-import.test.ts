import { describe, expect, it } from "vitest";
import { MissingPackageError, optionalImport } from "../../src/health/optional-import.ts";

describe("optionalImport", () => {
  it("imports on demand what is installed", async () => {
    const load = optionalImport("redis", "redis", () => import("redis"));
    expect((await load()).createClient).toBeTypeOf("function");
  });

  it("says at once what to install when it is missing", () => {
    const prepare = (): unknown => optionalImport("shop", "no-such-package", () => Promise.resolve());
    expect(prepare).toThrow(MissingPackageError);
    const cause = expect.objectContaining({ code: "MODULE_NOT_FOUND" });
    expect(prepare).toThrow(
      expect.objectContaining({ name: "MissingPackageError", packageName: "no-such-package", cause }),
    );
    expect(prepare).toThrow('The shop check needs the package "no-such-package". Run: npm install no-such-package');
  });

  it("does not take a package that cannot be required for a missing one", () => {
    expect(() => optionalImport("pg", "pg/no-such-export", () => Promise.resolve())).not.toThrow();
  });
});
