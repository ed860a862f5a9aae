import { setTimeout as wait } from "node:timers/promises";
import { Asker } from "../asker.ts";

/** Resolves when a server says that it wants to be asked. */
export async function untilReady({ url }: { readonly url: string }): Promise<void> {
  const asker = new Asker(url);
  try {
    while ((await asker.ask("/readyz")).status !== 200) await wait(50);
  } finally {
    asker.close();
  }
}
