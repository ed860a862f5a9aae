import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { type OwnShortage, ownShortage } from "../health/system-error.ts";

/**
 * Whether no further file can be opened now. The system's resolver and c-ares, which open sockets themselves, report that as a
 * name that was not found or a server that refused.
 */
export function fileShortage(): OwnShortage | undefined {
  try {
    closeSync(openSync(devNull, "r"));
    return undefined;
  } catch (error) {
    return ownShortage(error);
  }
}
