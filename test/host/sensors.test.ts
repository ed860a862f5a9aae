import { describe, expect, it } from "vitest";
import { powerSupplies, temperatures } from "../../src/host/sensors.ts";
import { listing, reading, type SystemFiles } from "../support/system-files.ts";

const supply = (device: string, properties: Readonly<Record<string, string>>): SystemFiles =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [`/sys/class/power_supply/${device}/${name}`, `${value}\n`]),
  );
const supplies = (files: SystemFiles) => powerSupplies(reading(files), listing(files));
const degrees = (files: SystemFiles) => temperatures(reading(files), listing(files));

describe("powerSupplies", () => {
  it("tells the charge of each battery, and whether the machine is plugged in", () => {
    const files = {
      ...supply("AC", { type: "Mains", online: "1" }),
      ...supply("BAT0", { type: "Battery", capacity: "87", status: "Charging" }),
      ...supply("BAT1", { type: "Battery", capacity: "5" }),
    };
    expect(supplies(files)).toEqual({
      batteries: [
        { device: "BAT0", charge: 87 },
        { device: "BAT1", charge: 5 },
      ],
      isPluggedIn: true,
    });
  });

  it("leaves out the battery of a mouse, and one that tells no charge", () => {
    const files = {
      ...supply("hidpp_battery_0", { type: "Battery", scope: "Device", capacity: "50" }),
      ...supply("BAT0", { type: "Battery" }),
    };
    expect(supplies(files).batteries).toEqual([]);
  });

  it.each([
    ["no adapter is known", {}, undefined],
    ["its adapter is not connected", supply("AC", { type: "Mains", online: "0" }), false],
    ["it is charged by USB", supply("ucsi", { type: "USB", online: "1" }), true],
  ])("knows when %s", (_, files: SystemFiles, isPluggedIn) => {
    expect(supplies(files).isPluggedIn).toBe(isPluggedIn);
  });
});

describe("temperatures", () => {
  const chip: SystemFiles = {
    "/sys/class/hwmon/hwmon0/name": "coretemp\n",
    "/sys/class/hwmon/hwmon0/temp1_input": "61000\n",
    "/sys/class/hwmon/hwmon0/temp1_label": "Package id 0\n",
    "/sys/class/hwmon/hwmon0/temp1_max": "100000\n",
    "/sys/class/hwmon/hwmon0/temp1_crit": "105000\n",
    "/sys/class/hwmon/hwmon0/temp2_input": "40500\n",
    "/sys/class/hwmon/hwmon0/temp2_max": "0\n",
    "/sys/class/hwmon/hwmon0/temp2_crit": "95000\n",
    "/sys/class/hwmon/hwmon0/temp3_input": "30000\n",
    "/sys/class/hwmon/hwmon0/temp3_max": "65261850\n",
    "/sys/class/hwmon/hwmon0/fan1_input": "1200\n",
  };
  const zone: SystemFiles = {
    "/sys/class/thermal/thermal_zone0/type": "x86_pkg_temp\n",
    "/sys/class/thermal/thermal_zone0/temp": "52000\n",
    "/sys/class/thermal/thermal_zone0/trip_point_0_type": "passive\n",
    "/sys/class/thermal/thermal_zone0/trip_point_0_temp": "80000\n",
    "/sys/class/thermal/thermal_zone0/trip_point_1_type": "critical\n",
    "/sys/class/thermal/thermal_zone0/trip_point_1_temp": "110000\n",
    "/sys/class/thermal/cooling_device0/type": "Processor\n",
  };

  it("reads the chips, with the limit that each sensor tells and that is one", () => {
    expect(degrees({ ...chip, ...zone })).toEqual([
      { sensor: "coretemp/Package id 0", celsius: 61, limit: 100 },
      { sensor: "coretemp/temp2", celsius: 40.5, limit: 95 },
      { sensor: "coretemp/temp3", celsius: 30, limit: undefined },
    ]);
  });

  it("reads the thermal zones where there is no chip", () => {
    expect(degrees(zone)).toEqual([{ sensor: "x86_pkg_temp", celsius: 52, limit: 110 }]);
  });

  it("finds none on a machine without sensors", () => {
    expect(degrees({})).toEqual([]);
  });
});
