import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { certificates } from "./certificates.ts";
import { greeting } from "./greeting.ts";
import { installedProgram, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { waitFor } from "./wait-for.ts";

const daemon = installedProgram("exim4");

/** Says whether throw-away servers can be started. */
export const smtpProgram: Service = {
  name: "Exim",
  available: daemon !== undefined,
  advice: "Install exim4-daemon-light.", // The OpenSMTPD of Debian 12 can do no TLS.
};

/** Takes mail and keeps it in the queue. */
const taking = `queue_only
acl_smtp_mail = mail
acl_smtp_rcpt = recipient
begin acl
mail:
  deny !authenticated = *
       message = log in first
  accept
recipient:
  deny local_parts = nobody
       message = there is no such user
  accept`;

/** A server of Exim that lives as long as a test. */
export interface SmtpServer extends AsyncDisposable {
  readonly port: number;
  /** Where it speaks TLS from the first byte. */
  readonly tlsPort: number;
  /** What it has written to its log. */
  readonly log: () => string;
  /** The mails that it has taken, each with its headers and its body as they came. */
  readonly mails: () => readonly string[];
}

/**
 * Starts a server on loopback, and waits until it listens. The user `alice` may log in with the password `right`, over TLS alone.
 * @param certificate with which it speaks TLS
 * @param takesMail from who has logged in, for everybody but `nobody`, and keeps it. Default: it takes none
 */
export async function startSmtp(
  certificate: { readonly cert: string; readonly key: string } = certificates.server,
  wantedPorts?: Pick<SmtpServer, "port" | "tlsPort">,
  takesMail = false,
): Promise<SmtpServer> {
  const { port, tlsPort } = wantedPorts ?? { port: await stablePort(), tlsPort: await stablePort() };
  const { uid, gid } = userInfo();
  const folder = await temporaryFolder({ "cert.pem": certificate.cert, "key.pem": certificate.key });
  const configuration = await folder.write(
    "exim.conf",
    `exim_user = ${uid}
exim_group = ${gid}
spool_directory = ${folder.path}/spool
log_file_path = ${folder.path}/log-%s
pid_file_path = ${folder.path}/pid
log_selector = +all
keep_environment =
primary_hostname = mail.shop.example
host_lookup =
rfc1413_query_timeout = 0s
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port} : ${tlsPort}
tls_on_connect_ports = ${tlsPort}
tls_advertise_hosts = *
tls_certificate = ${folder.path}/cert.pem
tls_privatekey = ${folder.path}/key.pem
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
${takesMail ? taking : "acl_smtp_mail = deny"}
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{alice}}{eq{$auth3}{right}}}}
`,
  );
  let output = "";
  const server = spawn(daemon ?? "", ["-C", configuration, "-bdf"], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(server, "exit");
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const logFile = join(folder.path, "log-main");
  const log = (): string => (existsSync(logFile) ? readFileSync(logFile, "utf8") : "");
  const input = join(folder.path, "spool/input");
  const mails = (): readonly string[] => {
    if (!existsSync(input)) return [];
    const bodies = readdirSync(input).filter((name) => name.endsWith("-D"));
    // The first line of each file is its own name; headers have a length before them.
    return bodies.map((name) => {
      const head = readFileSync(join(input, name.replace(/D$/, "H")), "utf8").replaceAll(/^\d{3}.?[ A-Z*] ?/gm, "");
      return `${head}\n${readFileSync(join(input, name), "utf8").replace(/^.*\n/, "")}`;
    });
  };
  const dispose = async (): Promise<void> => {
    server.kill("SIGTERM");
    await exited;
    await folder[Symbol.asyncDispose]();
  };
  try {
    await waitFor(() => greeting(port));
  } catch (error) {
    await dispose();
    throw new Error(`exim4 does not answer:\n${output}${log()}`, { cause: error });
  }
  return { port, tlsPort, log, mails, [Symbol.asyncDispose]: dispose };
}
