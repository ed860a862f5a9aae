import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { certificates } from "./certificates.ts";
import { greeting } from "./greeting.ts";
import { installedProgram, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { waitFor } from "./wait-for.ts";

const daemon = installedProgram("vsftpd");

/** Says whether throw-away servers can be started. */
export const ftpProgram: Service = {
  name: "vsftpd",
  available: daemon !== undefined && process.getuid?.() === 0, // Only root may ask for passwords.
  advice: "Install vsftpd, and run the tests as root.",
};

/** A server of vsftpd that lives as long as a test. */
export interface FtpServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Starts a server on loopback that lets `anonymous` in, who finds a folder `pub` and a folder `private` that is locked, and
 * waits until it listens.
 * @param certificate with which it speaks TLS
 */
export async function startFtp(
  certificate: { readonly cert: string; readonly key: string } = certificates.server,
  wantedPort?: number,
): Promise<FtpServer> {
  const port = wantedPort ?? (await stablePort());
  const folder = await temporaryFolder({
    "cert.pem": certificate.cert,
    "key.pem": certificate.key,
    "root/pub/file": "",
    "root/private/file": "",
  });
  const file = (name: string): string => join(folder.path, name);
  await mkdir(file("chroot"));
  await chmod(folder.path, 0o755);
  await chmod(file("root"), 0o555);
  await chmod(file("root/private"), 0o700);
  const configuration = await folder.write(
    "vsftpd.conf",
    `listen=YES
listen_address=127.0.0.1
listen_port=${port}
background=NO
anonymous_enable=YES
local_enable=YES
anon_root=${file("root")}
secure_chroot_dir=${file("chroot")}
seccomp_sandbox=NO
delay_failed_login=0
ssl_enable=YES
allow_anon_ssl=YES
force_local_logins_ssl=YES
rsa_cert_file=${file("cert.pem")}
rsa_private_key_file=${file("key.pem")}
`,
  );
  const server = spawn(daemon ?? "", [configuration], { stdio: "ignore" });
  const exited = once(server, "exit");
  const dispose = async (): Promise<void> => {
    server.kill("SIGKILL");
    await exited;
    await folder[Symbol.asyncDispose]();
  };
  try {
    await waitFor(() => greeting(port));
  } catch (error) {
    await dispose();
    throw new Error("vsftpd does not answer", { cause: error });
  }
  return { port, [Symbol.asyncDispose]: dispose };
}
