import { expect, it } from "vitest";
import { Disk } from "../../src/checks/disk.ts";
import { defineConfig } from "../../src/config/define-config.ts";

it("defineConfig returns what it is given", () => {
  const configuration = {
    service: { name: "shop" },
    checks: { disk: { type: "disk", path: "/" }, root: new Disk() },
    endpoints: { "/health/": { checks: ["disk"] } },
  } as const;
  expect(defineConfig({ ...configuration, endpoints: { "/health/": "all" } })).toMatchObject({
    service: { name: "shop" },
  });
});

// What the compiler must refuse; the test fails to compile when it does not.
it("defineConfig knows each check's options", () => {
  // @ts-expect-error there is no such type
  defineConfig({ checks: { cache: { type: "reddis" } } });
  // @ts-expect-error there is no such option
  defineConfig({ checks: { disk: { type: "disk", pth: "/" } } });
  // @ts-expect-error it is a required option
  defineConfig({ checks: { orders: { type: "http" } } });
  // @ts-expect-error the key is the name
  defineConfig({ checks: { disk: { type: "disk", name: "root" } } });
  // @ts-expect-error it must be text
  defineConfig({ checks: { disk: { type: "disk", timeout: 5 } } });
  // @ts-expect-error there is no such part
  defineConfig({ sevrice: {} });
});
