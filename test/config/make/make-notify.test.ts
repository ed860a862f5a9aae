import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../../src/config/load.ts";
import { openChannel } from "../../../src/notices/open-channel.ts";
import { sampleChannels } from "../../support/sample-channels.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

async function load(yaml: string, environment: Record<string, string> = {}) {
  await using folder = await temporaryFolder({ "healthspan.yaml": yaml });
  return loadConfiguration({ cwd: folder.path, environment });
}

const channels = "notify: { ops: { type: ntfy, topic: ops }, chat: { type: ntfy, topic: chat } }";

/** Who is told of a check, by its name. */
async function told(yaml: string): Promise<Readonly<Record<string, readonly string[] | undefined>>> {
  const { checks } = await load(`${channels}\n${yaml}`);
  return Object.fromEntries(checks.map(({ name, notify }) => [name, notify]));
}

describe("the channels of a configuration", () => {
  it("are none without notify", async () => {
    expect((await load("checks: { disk: { type: disk } }")).channels).toEqual([]);
  });

  it("have their options, whose variables are read as what they must be", async () => {
    const { channels: made } = await load(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
      'notify: { phone: { type: ntfy, topic: "${TOPIC}", priority: "${PRIORITY}", after: 2m, groups: [pay] } }',
      { TOPIC: "shop", PRIORITY: "5" },
    );
    expect(made.map(({ name, type: { type } }) => [name, type])).toEqual([["phone", "ntfy"]]);
    expect(made[0]?.options).toMatchObject({
      priority: 5,
      groups: ["pay"],
      on: ["unhealthy", "degraded", "recovered"],
    });
    expect(String(made[0]?.options.after)).toBe("2m");
  });

  it("are the same as those that a program makes", async () => {
    const samples = sampleChannels("https://service.example");
    const entries = Object.fromEntries(samples.map((sample) => [sample.type, sample]));
    const { channels: made } = await load(JSON.stringify({ notify: entries }));
    for (const [index, sample] of samples.entries()) {
      expect(made[index]?.options).toEqual((await openChannel(sample.type, sample)).options);
    }
  });

  it("print nothing secret with the rest of the configuration", async () => {
    const entries = Object.fromEntries(sampleChannels("https://service.example").map((one) => [one.type, one]));
    const configuration = await load(JSON.stringify({ notify: entries }));
    expect(inspect(configuration, { depth: 20 }) + JSON.stringify(configuration)).not.toMatch(/hush/);
  });
});

describe("who is told of a check", () => {
  it("is everybody, unless something else is said", async () => {
    expect(await told("checks: { disk: { type: disk } }")).toEqual({ disk: undefined });
    expect(await told("checks: { disk: { type: disk } }\ndefaults: { notify: [ops] }")).toEqual({ disk: ["ops"] });
  });

  it("is said by the check before its endpoints, and by those before the defaults", async () => {
    const yaml = `
defaults: { notify: [ops] }
checks: { own: { type: disk, notify: [] }, shown: { type: disk }, twice: { type: disk }, other: { type: disk } }
endpoints:
  /health/: all
  /a/: { checks: [own, shown, twice], notify: [chat] }
  /b/: { checks: [twice], notify: [ops, chat] }
`;
    expect(await told(yaml)).toEqual({ own: [], shown: ["chat"], twice: ["chat", "ops"], other: ["ops"] });
  });
});
