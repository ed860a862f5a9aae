import { describe, expect, it } from "vitest";
import { pressure } from "../../src/host/pressure.ts";
import { containerVersion1, containerVersion2, reading } from "../support/system-files.ts";

const stall = (sixty: string): string =>
  `some avg10=1.50 avg60=${sixty} avg300=0.25 total=1107943677\nfull avg10=90.00 avg60=91.00 avg300=92.00 total=0\n`;
const machine = { "/proc/pressure/memory": stall("12.34") };

describe("pressure", () => {
  it("is the share of time in which some task waited, of the machine", () => {
    expect(pressure("memory", "host", reading(machine))).toEqual({
      last10Seconds: 1.5,
      last60Seconds: 12.34,
      last300Seconds: 0.25,
    });
  });

  it("is that of the control group where the kernel tells it", () => {
    const files = { ...machine, ...containerVersion2, "/sys/fs/cgroup/memory.pressure": stall("55.00") };
    expect(pressure("memory", "container", reading(files))?.last60Seconds).toBe(55);
    expect(pressure("memory", "host", reading(files))?.last60Seconds).toBe(12.34);
  });

  it.each([
    ["has version 1", containerVersion1],
    ["tells no pressure", containerVersion2],
  ])("is that of the machine when the control group %s", (_, container) => {
    expect(pressure("memory", "container", reading({ ...machine, ...container }))?.last60Seconds).toBe(12.34);
  });

  it("is not known on a kernel without it", () => {
    expect(pressure("io", "container", reading(machine))).toBeUndefined();
  });
});
