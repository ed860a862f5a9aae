import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ServerName, serversFolder } from "../../scripts/fetch-servers.ts";
import { itWithService, type Service } from "./it-with-service.ts";

/** Where a program is that `scripts/fetch-servers.ts` fetches; undefined when it has not. */
export function serverPath(name: ServerName): string | undefined {
  const path = join(serversFolder, "usr/bin", name);
  return existsSync(path) ? path : undefined;
}

/**
 * A test that runs fetched programs, whose paths it is given by name.
 * @param others what it needs besides
 */
export function itWithServers<Name extends ServerName>(
  names: readonly Name[],
  name: string,
  test: (paths: Readonly<Record<Name, string>>) => Promise<void>,
  timeout?: number,
  others: readonly Service[] = [],
): void {
  const run = async (): Promise<void> => {
    const paths = Object.fromEntries(names.map((server) => [server, serverPath(server) ?? ""]));
    await test(paths as Record<Name, string>); // One entry a name.
  };
  itWithService([...names.map(fetchedServer), ...others], name, run, timeout);
}

function fetchedServer(name: ServerName): Service {
  return { name, available: serverPath(name) !== undefined, advice: "Run: node scripts/fetch-servers.ts" };
}
