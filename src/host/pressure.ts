import { controlGroups } from "./control-group.ts";
import { type ReadSystemFile, readSystemFile } from "./system-file.ts";

/** What tasks wait for. */
export type PressureResource = "cpu" | "memory" | "io";

/** For which share of the last time some task waited for a resource, in percent. */
export interface Pressure {
  readonly last10Seconds: number;
  readonly last60Seconds: number;
  readonly last300Seconds: number;
}

/**
 * Reads the kernel's pressure stall information (Linux: Documentation/accounting/psi.rst).
 * @param scope container: of this process's control group, where the kernel tells that; else, as with host, of the machine
 * @returns undefined when the kernel does not tell
 */
export function pressure(
  resource: PressureResource,
  scope: "container" | "host",
  read: ReadSystemFile = readSystemFile,
): Pressure | undefined {
  const ofGroup = scope === "container" ? read(groupFile(resource, read)) : undefined;
  return parsePressure(ofGroup ?? read(`/proc/pressure/${resource}`) ?? "");
}

/** `some avg10=0.00 avg60=1.25 avg300=0.40 total=123`: the share of time in which at least one task waited. */
function parsePressure(text: string): Pressure | undefined {
  const line = /^some avg10=(?<ten>[\d.]+) avg60=(?<sixty>[\d.]+) avg300=(?<threeHundred>[\d.]+) /m.exec(text)?.groups;
  if (line === undefined) return undefined;
  const [last10Seconds, last60Seconds, last300Seconds] = [line.ten, line.sixty, line.threeHundred].map(Number);
  if (last10Seconds === undefined || last60Seconds === undefined || last300Seconds === undefined) return undefined;
  return { last10Seconds, last60Seconds, last300Seconds };
}

/** Only version 2 of control groups has it. */
function groupFile(resource: PressureResource, read: ReadSystemFile): string {
  const groups = controlGroups("memory", read);
  return groups?.version === 2 ? `${groups.mount}${groups.levels[0] ?? ""}/${resource}.pressure` : "";
}
