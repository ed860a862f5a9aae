import { vi } from "vitest";
import { type CommandProcess, startCommand } from "./command.ts";

/** `healthspan serve` as a process of its own that accepts requests. */
export interface ServeProcess extends CommandProcess {
  readonly url: string;
}

/** How long a test waits for something that a server does by itself. */
export const until = { timeout: 10_000, interval: 50 };

/** Starts a server on a free port in a folder, and waits until it listens. */
export async function startServe(
  cwd: string,
  args: readonly string[] = [],
  environment: Record<string, string> = {},
): Promise<ServeProcess> {
  const command = startCommand(["serve", ...args, "--port", "0"], { cwd, environment });
  const url = await vi.waitFor(
    () => {
      const listening = /"url":"([^"]+)"/.exec(command.printed().stderr)?.[1];
      if (listening === undefined) throw new Error(`it does not listen: ${command.printed().stderr}`);
      return listening;
    },
    { timeout: 20_000, interval: 20 },
  );
  return { ...command, url };
}
