import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { installedProgram, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

const run = promisify(execFile);
const [daemon, keygen, signzone] = ["unbound", "ldns-keygen", "ldns-signzone"].map(installedProgram);

/** Says whether throw-away servers can be started. */
export const unboundProgram: Service = {
  name: "Unbound",
  available: daemon !== undefined && keygen !== undefined && signzone !== undefined,
  advice: "Install unbound and ldnsutils.",
};

/** A resolver that lives as long as a test, and validates by DNSSEC. */
export interface UnboundServer extends AsyncDisposable {
  readonly port: number;
  /** Ends it, and waits for that. */
  stop(): Promise<void>;
}

const texts = Array.from({ length: 40 }, (_, index) => `many IN TXT "${"x".repeat(60)}${index}"`);

/** What it knows. */
const zone = `$ORIGIN shop.example.
$TTL 300
@ IN SOA ns.shop.example. root.shop.example. 2026112801 3600 600 86400 300
@ IN NS ns
ns IN A 192.0.2.53
@ IN A 192.0.2.1
@ IN A 192.0.2.3
@ IN MX 10 mail
www IN CNAME edge
edge IN A 192.0.2.2
${texts.join("\n")}
`;

/**
 * Starts a resolver on loopback that knows the signed zone `shop.example` and trusts its key, and waits until it listens. It
 * refuses questions about `refused.example`.
 * @param options.expired whether the zone's signatures have expired
 */
export async function startUnbound({
  port,
  expired = false,
}: {
  readonly port?: number;
  readonly expired?: boolean;
} = {}): Promise<UnboundServer> {
  const chosenPort = port ?? (await stablePort());
  const folder = await temporaryFolder({ zone });
  const key = await sign(folder, expired);
  const configuration = await folder.write(
    "unbound.conf",
    `server:
  interface: 127.0.0.1@${chosenPort}
  port: ${chosenPort}
  directory: "${folder.path}"
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  trust-anchor-file: "${folder.path}/${key}.ds"
  module-config: "validator iterator"
  ede: yes
  val-log-level: 2 # Only then it says why exactly.
  local-zone: "refused.example." refuse
auth-zone:
  name: "shop.example."
  zonefile: "${folder.path}/zone.signed"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
remote-control:
  control-enable: no
`,
  );
  const server = spawn(daemon ?? "", ["-d", "-c", configuration], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(server, "exit");
  const stop = async (): Promise<void> => {
    server.kill("SIGTERM");
    await exited;
  };
  const dispose = async (): Promise<void> => {
    await stop();
    await folder[Symbol.asyncDispose]();
  };
  try {
    await started(server);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { port: chosenPort, stop, [Symbol.asyncDispose]: dispose };
}

/** @throws Error with what it has printed when it ends instead */
async function started(server: ChildProcessByStdio<null, null, Readable>): Promise<void> {
  let printed = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      if (printed.includes("start of service")) resolve();
    });
    server.once("exit", () => reject(new Error(`unbound ended at once:\n${printed}`)));
  });
}

/** @returns the name of the key's files, without their endings */
async function sign({ path: cwd }: TemporaryFolder, expired: boolean): Promise<string> {
  const { stdout } = await run(keygen ?? "", ["-a", "ECDSAP256SHA256", "-k", "shop.example"], { cwd });
  const key = stdout.trim();
  const validity = expired ? ["-i", "20200101000000", "-e", "20200201000000"] : [];
  await run(signzone ?? "", ["-n", ...validity, "-f", "zone.signed", "zone", key], { cwd });
  return key;
}
