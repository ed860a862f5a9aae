import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** The Debian suite that carries the servers; what it holds runs on older Debians too. */
const suite = "forky";

/** What tests and benchmarks run, by Debian package: the programs that are kept of it, and the version they were written for. */
const packages = {
  prometheus: { programs: ["prometheus"], version: "3.5" },
  promtool: { programs: ["promtool"], version: "3.5" },
  "prometheus-alertmanager": { programs: ["prometheus-alertmanager", "amtool"], version: "0.33" },
  "prometheus-blackbox-exporter": { programs: ["prometheus-blackbox-exporter"], version: "0.28" },
  "victoria-metrics": { programs: ["victoria-metrics"], version: "1.145" },
  "docker-compose": { programs: ["docker-compose"], version: "2.40" },
  "python3-prometheus-client": { programs: [], version: "0.21" },
  // What it imports.
  "python3-decorator": { programs: [], version: "5" },
} as const satisfies Record<string, { readonly programs: readonly string[]; readonly version: string }>;

/** A program that this script fetches. */
export type ServerName = (typeof packages)[keyof typeof packages]["programs"][number];

const cacheFolder = join(import.meta.dirname, "../.cache");

/** Where everything is unpacked, laid out as Debian does: `usr/bin/prometheus`. */
export const serversFolder = join(cacheFolder, "servers");

const manifestPath = join(serversFolder, "packages.json");
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const run = promisify(execFile);

/** The servers cannot be had on this machine. */
export class FetchServersError extends Error {
  override readonly name = "FetchServersError";
}

/**
 * Downloads and unpacks the servers, unless they are there already. Uses lists and caches of its own and changes nothing
 * of the system.
 * @returns the version of each package
 * @throws FetchServersError when the system is not Debian, or the network or a package is missing
 */
export async function fetchServers(): Promise<Readonly<Record<string, string>>> {
  const present = await fetchedVersions();
  if (present !== undefined) return present;
  await mkdir(cacheFolder, { recursive: true });
  const folder = await mkdtemp(join(cacheFolder, "servers-"));
  try {
    const configuration = await configureApt(folder);
    await apt(configuration, folder, "update");
    await apt(configuration, folder, "download", ...Object.keys(packages));
    const versions = await unpack(folder);
    await publish(join(folder, "root"), versions);
    return versions;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The versions that were fetched; undefined when a package of the list is missing. */
async function fetchedVersions(): Promise<Record<string, string> | undefined> {
  let manifest: string;
  try {
    manifest = await readFile(manifestPath, "utf8");
  } catch {
    return undefined; // Not fetched yet.
  }
  const versions: Record<string, string> = JSON.parse(manifest);
  return Object.keys(packages).every((name) => name in versions) ? versions : undefined;
}

/** Writes a configuration under which apt keeps to `folder`, and a source list with the machine's own mirror. */
async function configureApt(folder: string): Promise<string> {
  for (const name of ["lists/partial", "cache/archives/partial", "root"]) {
    await mkdir(join(folder, name), { recursive: true });
  }
  const signedBy = (await exists(keyring)) ? `[signed-by=${keyring}] ` : "";
  await writeFile(join(folder, "sources.list"), `deb ${signedBy}${await findMirror(folder)} ${suite} main\n`);
  const path = join(folder, "apt.conf");
  await writeFile(
    path,
    [
      `Dir::State::lists "${folder}/lists";`,
      `Dir::Cache "${folder}/cache";`,
      `Dir::Etc::sourcelist "${folder}/sources.list";`,
      `Dir::Etc::sourceparts "/dev/null";`,
      `Acquire::Languages "none";`,
      `APT::Sandbox::User "root";`, // Otherwise apt, run by root, would write as a user who may not write here.
      // Some machines tidy the system's caches after each update; this one was none of theirs.
      "#clear APT::Update::Post-Invoke;",
      "#clear APT::Update::Post-Invoke-Success;",
      "",
    ].join("\n"),
  );
  return path;
}

/** The address from which this machine gets Debian: apt itself says what it would ask for. */
async function findMirror(folder: string): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  if (!/^ID=debian$/m.test(release))
    throw new FetchServersError("the servers are Debian packages, and this is not Debian");
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(release)?.[1] ?? "stable";
  const uris = await apt(undefined, folder, "update", "--print-uris", "-o", `Dir::State::lists=${folder}/lists`);
  for (const [, mirror, name] of uris.matchAll(/^'(\S+)\/dists\/([^/]+)\/InRelease'/gm)) {
    if (mirror !== undefined && (name === codename || name === "stable" || name === suite)) return mirror;
  }
  throw new FetchServersError(`this machine's apt sources name no mirror of Debian ${codename}`);
}

async function apt(configuration: string | undefined, folder: string, ...command: string[]): Promise<string> {
  const options = configuration === undefined ? [] : ["-c", configuration];
  try {
    return (await run("apt-get", [...options, "-q", ...command], { cwd: folder })).stdout;
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string }; // What `execFile` rejects with.
    const reason = stderr.match(/^E: .*$/m)?.[0] ?? message;
    throw new FetchServersError(`apt-get ${command[0]} failed: ${reason}`, { cause: error });
  }
}

async function unpack(folder: string): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  const archives = (await readdir(folder)).filter((name) => name.endsWith(".deb"));
  for (const archive of archives) {
    const path = join(folder, archive);
    const { stdout } = await run("dpkg-deb", ["--field", path, "Package", "Version"]);
    const [, name = "", version = ""] = /^Package: (.+)\nVersion: (.+)$/m.exec(stdout) ?? [];
    await run("dpkg-deb", ["--extract", path, join(folder, "root")]);
    versions[name] = version;
  }
  const wanted = new Set<string>(Object.values(packages).flatMap(({ programs }) => programs));
  const programs = join(folder, "root/usr/bin");
  for (const program of await readdir(programs)) {
    if (!wanted.has(program)) await rm(join(programs, program));
  }
  return versions;
}

/** Moves what was unpacked into place in one step, so that it is never seen half done. */
async function publish(root: string, versions: Readonly<Record<string, string>>): Promise<void> {
  await writeFile(join(root, "packages.json"), `${JSON.stringify(versions, null, 2)}\n`);
  if ((await fetchedVersions()) !== undefined) return; // Another process was faster.
  await rm(serversFolder, { recursive: true, force: true });
  await rename(root, serversFolder);
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

if (import.meta.main) {
  try {
    const versions = await fetchServers();
    for (const [name, { version }] of Object.entries(packages)) {
      const got = versions[name] ?? "nothing";
      console.log(`${name} ${got}${got.startsWith(`${version}.`) ? "" : ` (the tests were written for ${version})`}`);
    }
  } catch (error) {
    if (!(error instanceof FetchServersError)) throw error;
    console.error(`The servers could not be fetched: ${error.message}.`);
    process.exitCode = 1;
  }
}
