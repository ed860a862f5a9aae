import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../../src/config/load.ts";
import { FilesRead } from "../../../src/config/read/files-read.ts";
import { certificates } from "../../support/certificates.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const { server, otherHost, ca } = certificates;

async function load(tls: string) {
  await using folder = await temporaryFolder({
    "healthspan.yaml": `server: { tls: ${tls} }\n`,
    "tls.crt": server.cert,
    "tls.key": server.key,
    "other.key": otherHost.key,
    "ca.crt": ca,
    "text.txt": "no such thing",
  });
  const files = new FilesRead();
  try {
    const configuration = await loadConfiguration({
      path: "healthspan.yaml",
      cwd: folder.path,
      environment: {},
      files,
    });
    const names = [...files.versions.keys()].map((path) => path.slice(folder.path.length + 1));
    return { tls: configuration.server.tls, names };
  } catch (error) {
    return { message: String(error).replaceAll(`${folder.path}/`, "") };
  }
}

describe("server.tls", () => {
  it("is read from files beside the configuration, whose changes reload it", async () => {
    const { tls, names } = await load("{ certificate: tls.crt, key: tls.key, clientCa: ca.crt }");
    expect(tls).toMatchObject({ certificate: server.cert, clientCa: ca, minVersion: "1.2" });
    expect(tls?.key.reveal()).toBe(server.key);
    expect(names).toEqual(["healthspan.yaml", "tls.crt", "tls.key", "ca.crt"]);
  });

  it.each([
    ["{ certificate: none.crt, key: tls.key }", "server.tls.certificate: the file none.crt does not exist"],
    ["{ certificate: ., key: tls.key }", "server.tls.certificate: the file . is a folder, not a file"],
    [
      "{ certificate: text.txt, key: tls.key }",
      "server.tls.certificate: the file text.txt has no certificate in PEM form",
    ],
    ["{ certificate: tls.crt, key: none.key }", "server.tls.key: the file none.key does not exist"],
    [
      "{ certificate: tls.crt, key: tls.crt }",
      "server.tls.key: the file tls.crt has no private key without a passphrase in PEM form",
    ],
    [
      "{ certificate: tls.crt, key: other.key }",
      "server.tls.key: the file other.key has another key than that of the certificate in tls.crt",
    ],
    [
      "{ certificate: tls.crt, key: tls.key, clientCa: text.txt }",
      "server.tls.clientCa: the file text.txt has no certificate in PEM form",
    ],
    ["{ certificate: tls.crt }", "server.tls.key"],
    ["{ certificate: tls.crt, key: tls.key, minVersion: '1.1' }", "server.tls.minVersion"],
  ])("%s is refused", async (tls, message) => {
    expect((await load(tls)).message).toContain(message);
  });
});
