import { connect } from "node:tls";
import { expect, it, vi } from "vitest";
import { certificates } from "../support/certificates.ts";
import { startServe, until } from "../support/serve-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const { server, otherHost } = certificates;

/** The name in the certificate that new connections are shown. */
function shownName(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    }).once("error", reject);
  });
}

it("shows another certificate when its files are replaced, and keeps the old one while they do not fit", async () => {
  await using folder = await temporaryFolder({
    "healthspan.yaml": "server: { tls: { certificate: tls.crt, key: tls.key } }\nchecks: { disk: { type: disk } }\n",
    "tls.crt": server.cert,
    "tls.key": server.key,
  });
  await using serving = await startServe(folder.path);
  const port = Number(new URL(serving.url).port);
  const before = await shownName(port);
  await folder.write("tls.crt", otherHost.cert);
  await vi.waitFor(() => expect(serving.printed().stderr).toContain("tls.key has another key than that of"), until);
  expect(await shownName(port)).toBe(before);
  await folder.write("tls.key", otherHost.key);
  await vi.waitFor(async () => expect(await shownName(port)).not.toBe(before), until);
});
