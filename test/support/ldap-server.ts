import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { installedProgram, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";
import { waitFor } from "./wait-for.ts";

const daemon = installedProgram("slapd");
const certificatesFolder = join(import.meta.dirname, "certificates");

/** Says whether throw-away servers can be started. */
export const slapdProgram: Service = {
  name: "slapd",
  available: daemon !== undefined && installedProgram("slapadd") !== undefined,
  advice: "Install slapd.",
};

/** An OpenLDAP server that lives as long as some tests: dc=shop,dc=example with three persons and a user for the check. */
export interface LdapServer extends AsyncDisposable {
  readonly port: number;
  readonly tlsPort: number;
  kill(): Promise<void>;
  /** @param certificate the name of the one that it shows */
  start(certificate?: string): Promise<void>;
}

const entries = `dn: dc=shop,dc=example
objectClass: dcObject
objectClass: organization
o: shop
dc: shop

dn: cn=probe,dc=shop,dc=example
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: probe
userPassword: right word

${["ann", "bob", "eve"].map((name) => `dn: cn=${name},dc=shop,dc=example\nobjectClass: person\ncn: ${name}\nsn: x\n`).join("\n")}`;

/** Makes a server on loopback and starts it. */
export async function startLdap(): Promise<LdapServer> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-ldap-"));
  const [port, tlsPort] = [await stablePort(), await stablePort()];
  const configuration = join(folder, "slapd.conf");
  let server: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    server.kill("SIGKILL");
    await exited;
  };
  const start = async (certificate = "server"): Promise<void> => {
    await writeFile(
      configuration,
      `include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${folder}/pid
TLSCertificateFile ${certificatesFolder}/${certificate}.pem
TLSCertificateKeyFile ${certificatesFolder}/${certificate}-key.pem
database mdb
maxsize 10485760
suffix dc=shop,dc=example
directory ${folder}/data
access to attrs=userPassword by anonymous auth
access to * by dn.exact="cn=probe,dc=shop,dc=example" read
`,
    );
    if (server === undefined) {
      await mkdir(join(folder, "data"));
      await writeFile(join(folder, "entries.ldif"), entries);
      await promisify(execFile)("slapadd", ["-f", configuration, "-l", join(folder, "entries.ldif")], {
        env: { PATH: `${process.env.PATH}:/usr/sbin` },
      });
    }
    const listen = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`;
    server = spawn(daemon ?? "", ["-f", configuration, "-h", listen, "-d", "0"], { stdio: "ignore" });
    await waitFor(async () => {
      const socket = createConnection(port, "127.0.0.1");
      await once(socket, "connect");
      socket.destroy();
    });
  };
  const dispose = async (): Promise<void> => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return { port, tlsPort, kill, start, [Symbol.asyncDispose]: dispose };
}
