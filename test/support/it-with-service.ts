import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { it } from "vitest";

/** A program or server that a machine may lack. */
export interface Service {
  readonly name: string;
  readonly available: boolean;
  /** What to do when it is missing, as a sentence. */
  readonly advice: string;
}

/** A test that needs services. Without them it is skipped by name; with `REQUIRE_SERVICES=1` it fails. */
export function itWithService(
  services: readonly Service[],
  name: string,
  test: () => Promise<void>,
  timeout?: number,
): void {
  const missing = services.filter(({ available }) => !available);
  const names = missing.map((service) => service.name).join(", ");
  it.skipIf(missing.length > 0 && process.env.REQUIRE_SERVICES !== "1")(
    missing.length === 0 ? name : `${name} (needs ${names})`,
    async () => {
      if (missing.length > 0) throw new Error(missing.map(({ advice }) => advice).join(" "));
      await test();
    },
    timeout,
  );
}

/** Whether something answers at an address; `ask` rejects when nothing does. */
export async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch {
    return false; // Whatever it is, the service cannot be used.
  }
}

/** The path of a program; undefined when it is not installed. Servers are often where only root looks. */
export function installedProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false; // Not in this folder.
      }
    });
}
