import { createServer, type RequestListener } from "node:http";
import { hostname } from "node:os";
import { afterEach, describe, expect, it, vi } from "vitest";
import { runCommand } from "../support/command.ts";
import { itWithService } from "../support/it-with-service.ts";
import { redisUrl, runningRedis } from "../support/redis-server.ts";
import { newFleetName } from "../support/replica.ts";
import { startServe } from "../support/serve-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { listenOnFreePort } from "../support/throw-away-server.ts";

const redis = [await runningRedis()];
/** Two processes start at once, and find each other. */
const until = { timeout: 40_000, interval: 50 };
const maxMilliseconds = 90_000;

const token = "token-of-sixteen-characters";
const header = `Authorization: Bearer ${token}`;

const configuration = (name: string, more = "") => `
fleet: { redis: "${redisUrl}", name: ${name}, lease: 3s }
metrics: { auth: { bearer: ${token} } }
defaults: { interval: 3s }
checks:
  orders: { type: file, path: /etc/hostname }
  disk: { type: disk, maxUsage: 100% }
${more}`;

describe("healthspan fleet, with a server", () => {
  itWithService(
    redis,
    "tells of the replicas, and who runs a check, to those who may read the metrics",
    async () => {
      const name = newFleetName();
      await using folder = await temporaryFolder({ "healthspan.yaml": configuration(name) });
      await using one = await startServe(folder.path);
      await using other = await startServe(folder.path);
      const fleet = (...args: readonly string[]) =>
        runCommand(["fleet", ...args, "--url", one.url, "--header", header]);
      await vi.waitFor(async () => expect((await fleet()).stdout).toMatch(/128.*\n.*128.*\nAll 256 shards/), until);
      const told = await fleet();
      expect(told).toMatchObject({ code: 0, stderr: "" });
      expect(told.stdout).toMatch(
        new RegExp(`^Fleet ${name}: 2 replicas, Redis answers, the newest news are [\\d.]+ s old\n`),
      );
      expect(told.stdout.match(new RegExp(`^${hostname()}`, "gm"))).toHaveLength(2);
      expect(told.stdout.match(/ \(answers\)/g)).toHaveLength(1);

      await vi.waitFor(async () => expect((await fleet("orders")).stdout).toContain("It is healthy"), until);
      expect(await fleet("orders")).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(
          /^orders \(shard \d+\) is run by .+\. It is healthy; its last run began \d+ s ago, at 20\S+Z\.\n$/,
        ),
      });
      expect((await fleet("disk")).stdout).toContain("disk is run by each replica for itself, here by ");
      const json = JSON.parse((await fleet("orders", "--json")).stdout);
      expect(json.replicas.map(({ id }: { id: string }) => id)).toContain(json.check.holder);
      expect(await fleet("order")).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Did you mean "orders"?'),
      });

      const refused = await runCommand(["fleet", "--url", other.url]);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("requires credentials (401)") });
      const page = await (
        await fetch(other.url, { headers: { accept: "text/html", authorization: `Bearer ${token}` } })
      ).text();
      expect(page).toContain(`<h2>Fleet <bdi>${name}</bdi> <span class="count">2</span></h2>`);
      expect(await (await fetch(other.url, { headers: { accept: "text/html" } })).text()).not.toContain("<h2>Fleet");
    },
    maxMilliseconds,
  );

  itWithService(
    redis,
    "tells that configurations differ, and exits with 1",
    async () => {
      const name = newFleetName();
      await using folder = await temporaryFolder({ "healthspan.yaml": configuration(name) });
      await using newer = await temporaryFolder({
        "healthspan.yaml": configuration(name, "  payments: { type: file, path: /etc/hostname }\n"),
      });
      await using one = await startServe(folder.path);
      await using other = await startServe(newer.path);
      const fleet = () => runCommand(["fleet", "--url", one.url, "--header", header]);
      await vi.waitFor(
        async () => expect((await fleet()).stdout).toContain("The replicas have 2 different configurations"),
        until,
      );
      expect((await fleet()).code).toBe(1);
      for (const server of [one, other]) {
        await vi.waitFor(
          () => expect(server.printed().stderr).toContain(`the replicas of the fleet \\"${name}\\" have different`),
          until,
        );
      }
      await newer.write("healthspan.yaml", configuration(name));
      other.kill("SIGHUP");
      await vi.waitFor(async () => expect((await fleet()).code).toBe(0), until);
      for (const server of [one, other]) {
        await vi.waitFor(() => expect(server.printed().stderr).toContain("have the same configuration again"), until);
        expect(server.printed().stderr.match(/have different configurations/g)).toHaveLength(1);
      }
    },
    maxMilliseconds,
  );
});

describe("healthspan fleet, without a right answer", () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => servers.splice(0).map((server) => server.close()));
  const answering = async (listener: RequestListener) => {
    const server = createServer(listener);
    servers.push(server);
    return `http://localhost:${await listenOnFreePort(server)}`;
  };

  it("says which server has a fleet", async () => {
    const url = await answering(
      (_, response) => void response.writeHead(404, { "content-type": "text/plain" }).end("Nothing is served here.\n"),
    );
    for (const args of [["fleet"], ["fleet", "orders"]]) {
      expect(await runCommand([...args, "--url", url])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("Only a server with fleet: { redis: … } in its configuration has it"),
      });
    }
  });

  it("asks for the name of the check as it is", async () => {
    let asked = "";
    const url = await answering((request, response) => {
      asked = request.url ?? "";
      response.writeHead(404, { "content-type": "text/plain" }).end("no check is called that\u001b[2J");
    });
    const outcome = await runCommand(["fleet", "a&b c", "--url", url]);
    expect(asked).toBe("/-/fleet?check=a%26b%20c");
    expect(outcome).toMatchObject({ code: 1, stdout: "", stderr: "no check is called that\\u001b[2J\n" });
  });
});
