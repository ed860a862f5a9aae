import { describe, expect, it } from "vitest";
import type { Configuration } from "../../../src/config/configuration.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

async function load(yaml: string): Promise<Configuration> {
  await using folder = await temporaryFolder({ "healthspan.yaml": yaml });
  return await loadConfiguration({ cwd: folder.path, environment: { TOKEN: "token", SIZE: "7" } });
}

const checks = `
checks:
  web: { type: http, url: https://shop.example/ }
  port: { type: tcp, host: shop.example, port: 443 }
  name: { type: dns, hostname: shop.example }
`;

describe("the part probe of a configuration", () => {
  it("is left out by default", async () => {
    expect((await load(checks)).probing).toBeUndefined();
  });

  it("becomes the rules of /probe", async () => {
    const { probing } = await load(`${checks}
probe:
  checks: [web, port]
  hosts: ["*.shop.example"]
  networks: [10.0.0.0/8, "fd00::/8"]
  sendCredentials: [web]
  concurrency: \${SIZE}
  auth: { bearer: "\${TOKEN}" }
`);
    expect([...(probing?.checks.keys() ?? [])]).toEqual(["web", "port"]);
    expect(probing?.sendCredentials).toEqual(new Set(["web"]));
    expect(probing?.concurrency).toBe(7);
    expect(probing?.auth).toHaveProperty("bearer");
    const admitted = ["www.shop.example", "10.1.2.3", "fd00::1", "shop.example", "192.168.0.1"].map((host) =>
      probing?.allowList.admitsHost(host),
    );
    expect(admitted).toEqual([true, true, true, false, false]);
  });

  it("refuses to send the credentials of a check that is not probed", async () => {
    const probe = "probe: { checks: [web], hosts: [shop.example], sendCredentials: [web, port] }\n";
    await expect(load(`${checks}\n${probe}`)).rejects.toThrow(
      'probe.sendCredentials[1]: "port" is not listed in probe.checks; add it there or remove it here',
    );
  });
});
