import { createServer } from "node:https";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { certificates } from "../support/certificates.ts";
import { runCommand } from "../support/command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { listenOnFreePort } from "../support/throw-away-server.ts";

const { ca, server, client, otherHost } = certificates;
let folder: TemporaryFolder;
const closing: (() => void)[] = [];

beforeAll(async () => {
  folder = await temporaryFolder({
    "ca.crt": ca,
    "client.crt": client.cert,
    "client.key": client.key,
    "other.key": otherHost.key,
    "text.txt": "nothing of the kind",
  });
});
afterAll(async () => {
  for (const close of closing) close();
  await folder[Symbol.asyncDispose]();
});

/** A server that answers `/livez` as ours does, and everything else with a report. */
async function start(options: object): Promise<string> {
  const serving = createServer({ ...server, ...options }, ({ url }, response) => {
    response.end(url === "/livez" ? "ok\n" : '{"database":"working"}');
  });
  closing.push(() => serving.close());
  return `https://127.0.0.1:${await listenOnFreePort(serving)}`;
}

const file = (name: string): string => `${folder.path}/${name}`;

describe("healthspan check --url https://…", () => {
  it("trusts the authority that it is given, and without one no unknown server", async () => {
    const url = await start({});
    expect(await runCommand(["check", "--url", url, "--ca", file("ca.crt")])).toEqual({
      code: 0,
      stdout: "database                 ... OK\n",
      stderr: "",
    });
    expect((await runCommand(["check", "--url", url])).code).toBe(2);
  });

  it("takes any certificate when told to, and understands the probe of the process", async () => {
    const url = await start(otherHost);
    expect((await runCommand(["check", "--url", `${url}/livez`, "--ca", file("ca.crt")])).code).toBe(2);
    expect(await runCommand(["check", "--url", `${url}/livez`, "--insecure"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\/livez +\.\.\. OK\n$/),
    });
  });

  it("shows its own certificate", async () => {
    const url = await start({ ca, requestCert: true, rejectUnauthorized: true });
    const args = ["check", "--url", url, "--ca", file("ca.crt")];
    expect((await runCommand(args)).code).toBe(2);
    expect((await runCommand([...args, "--cert", file("client.crt"), "--key", file("client.key")])).code).toBe(0);
  });

  it.each([
    [["--ca", "none.crt"], "--ca: the file none.crt cannot be read (ENOENT)\n"],
    [["--ca", "text.txt"], "--ca: the file must hold a certificate in PEM form\n"],
    [["--cert", "client.crt"], "--cert and --key must be given together\n"],
    [["--cert", "text.txt", "--key", "client.key"], "--cert: the file must hold a certificate in PEM form\n"],
    [
      ["--cert", "client.crt", "--key", "other.key"],
      "--key: the file must hold the key of --cert, without a passphrase, in PEM form\n",
    ],
  ])("says what is wrong with %j", async (args, message) => {
    const named = args.map((arg) => (arg.startsWith("--") || arg.startsWith("none") ? arg : file(arg)));
    const { code, stderr } = await runCommand(["check", "--url", "https://127.0.0.1:1", ...named]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: message });
  });
});
