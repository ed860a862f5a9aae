import { NODATA, NOTFOUND } from "node:dns";
import { Resolver } from "node:dns/promises";
import { readFile } from "node:fs/promises";

const maxMilliseconds = 700;

/** After this time the system's configuration is read again. */
const maxAgeMilliseconds = 60_000;

let kept: { readonly resolver: Resolver; readonly madeAt: number } | undefined;

/**
 * Finds out, without a thread that a silent name server would hold, whether the system's lookup of a name would not wait: a name
 * server answers, if only that there is no such name, or the name is in the file of hosts.
 */
export async function hasAnswer(hostname: string): Promise<boolean> {
  return (await Promise.all([isAnswered(hostname), isInHostsFile(hostname)])).includes(true);
}

async function isAnswered(hostname: string): Promise<boolean> {
  try {
    await resolver().resolve4(hostname);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === NOTFOUND || code === NODATA;
  }
}

function resolver(): Resolver {
  const now = performance.now();
  if (kept === undefined || now - kept.madeAt > maxAgeMilliseconds) {
    kept = { resolver: new Resolver({ timeout: maxMilliseconds, tries: 1 }), madeAt: now };
  }
  return kept.resolver;
}

async function isInHostsFile(hostname: string): Promise<boolean> {
  try {
    const lines = (await readFile("/etc/hosts", "utf8")).split("\n").map((line) => line.replace(/#.*/, ""));
    return lines.some((line) => line.toLowerCase().trim().split(/\s+/).slice(1).includes(hostname.toLowerCase()));
  } catch {
    return false; // Windows has it elsewhere, and looks names up in a service of its own.
  }
}
