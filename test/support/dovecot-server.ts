import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { certificates } from "./certificates.ts";
import { greeting } from "./greeting.ts";
import { installedProgram, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { waitFor } from "./wait-for.ts";

const daemon = installedProgram("dovecot");

/** Says whether throw-away servers can be started. */
export const dovecotProgram: Service = {
  name: "Dovecot",
  available: daemon !== undefined && existsSync("/usr/lib/dovecot/imap") && existsSync("/usr/lib/dovecot/pop3"),
  advice: "Install dovecot-imapd and dovecot-pop3d.",
};

/** Where a server listens: TLS is spoken from the first byte at the second port of each protocol. */
interface Ports {
  readonly imap: number;
  readonly imaps: number;
  readonly pop3: number;
  readonly pop3s: number;
}

/** A server of Dovecot that lives as long as a test. */
export interface DovecotServer extends AsyncDisposable {
  readonly ports: Ports;
  /** What it has written to its log. */
  readonly log: () => string;
}

/**
 * Starts a server on loopback with the users `alice` and `bob`, whose passwords are `right`, and waits until it listens. The
 * mail of `bob` cannot be read.
 * @param certificate with which it speaks TLS
 */
export async function startDovecot(
  certificate: { readonly cert: string; readonly key: string } = certificates.server,
  wantedPorts?: Ports,
): Promise<DovecotServer> {
  const ports = wantedPorts ?? {
    imap: await stablePort(),
    imaps: await stablePort(),
    pop3: await stablePort(),
    pop3s: await stablePort(),
  };
  const { uid, gid, username } = userInfo();
  const isRoot = uid === 0; // Then it has users for its parts, and none of them may be root.
  const { stdout: group } = await promisify(execFile)("id", ["-gn"]); // Dovecot takes no number here.
  const owner = isRoot ? { uid: 65_534, gid: 65_534 } : { uid, gid };
  const folder = await temporaryFolder({
    "cert.pem": certificate.cert,
    "key.pem": certificate.key,
    users:
      "alice:{PLAIN}right::::::\nbob:{PLAIN}right::::::userdb_home=/nonexistent userdb_mail=maildir:/nonexistent\n",
    "mail/README": "mailboxes",
  });
  const file = (name: string): string => join(folder.path, name);
  await chmod(folder.path, 0o755);
  await chmod(file("mail"), 0o777);
  const service = (name: string, port: number, secure: number): string => `
service ${name}-login {
  chroot =
  inet_listener ${name} {
    port = ${port}
  }
  inet_listener ${name}s {
    port = ${secure}
  }
}`;
  const configuration = await folder.write(
    "dovecot.conf",
    `base_dir = ${file("run")}
state_dir = ${file("state")}
log_path = ${file("log")}
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <${file("cert.pem")}
ssl_key = <${file("key.pem")}
auth_failure_delay = 0
default_internal_user = ${isRoot ? "dovecot" : username}
default_internal_group = ${isRoot ? "dovecot" : group.trim()}
default_login_user = ${isRoot ? "dovenull" : username}
first_valid_uid = 1
mail_location = maildir:${file("mail")}/%u
passdb {
  driver = passwd-file
  args = ${file("users")}
}
userdb {
  driver = passwd-file
  args = ${file("users")}
  default_fields = uid=${owner.uid} gid=${owner.gid} home=${file("mail")}/%u
}
namespace inbox {
  inbox = yes
}
${service("imap", ports.imap, ports.imaps)}${service("pop3", ports.pop3, ports.pop3s)}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`,
  );
  let output = "";
  const server = spawn(daemon ?? "", ["-F", "-c", configuration], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(server, "exit");
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const log = (): string => (existsSync(file("log")) ? readFileSync(file("log"), "utf8") : "");
  const dispose = async (): Promise<void> => {
    server.kill("SIGTERM"); // It ends its other processes.
    await exited;
    await folder[Symbol.asyncDispose]();
  };
  try {
    await waitFor(() => Promise.all([greeting(ports.imap), greeting(ports.pop3)]));
  } catch (error) {
    await dispose();
    throw new Error(`dovecot does not answer:\n${output}${log()}`, { cause: error });
  }
  return { ports, log, [Symbol.asyncDispose]: dispose };
}
