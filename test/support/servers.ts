import { existsSync } from "node:fs";
import { join } from "node:path";
import { it } from "vitest";
import { type ServerName, serversFolder } from "../../scripts/fetch-servers.ts";

/** Where a program is that `scripts/fetch-servers.ts` fetches; undefined when it has not. */
export function serverPath(name: ServerName): string | undefined {
  const path = join(serversFolder, "usr/bin", name);
  return existsSync(path) ? path : undefined;
}

/** Where the Python modules are that the script fetches, for `PYTHONPATH`. */
export const pythonFolder = join(serversFolder, "usr/lib/python3/dist-packages");

/**
 * A test that runs fetched programs, which it is given by name. Without them it is skipped by name; with
 * `REQUIRE_SERVICES=1` it fails.
 */
export function itWithServers<Name extends ServerName>(
  names: readonly Name[],
  name: string,
  test: (paths: Readonly<Record<Name, string>>) => Promise<void>,
  timeout?: number,
): void {
  const missing = names.filter((server) => serverPath(server) === undefined);
  const title = missing.length === 0 ? name : `${name} (needs ${missing.join(", ")})`;
  it.skipIf(missing.length > 0 && process.env.REQUIRE_SERVICES !== "1")(
    title,
    async () => {
      if (missing.length > 0) throw new Error(`${missing.join(", ")} is missing. Run: node scripts/fetch-servers.ts`);
      const paths = Object.fromEntries(names.map((server) => [server, serverPath(server) ?? ""]));
      await test(paths as Record<Name, string>); // One entry a name.
    },
    timeout,
  );
}
