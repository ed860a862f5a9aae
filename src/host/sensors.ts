import { type ListSystemFolder, listSystemFolder, type ReadSystemFile, readSystemFile } from "./system-file.ts";

/** A battery, as Linux describes it (Documentation/ABI/testing/sysfs-class-power). */
export interface Battery {
  /** Its name in /sys/class/power_supply, such as `BAT0`. */
  readonly device: string;
  /** In percent. */
  readonly charge: number;
}

/** What supplies this machine with power. */
export interface PowerSupplies {
  readonly batteries: readonly Battery[];
  /** Whether it is plugged in; undefined when no adapter is known. */
  readonly isPluggedIn: boolean | undefined;
}

/** One measured temperature, in degrees Celsius. */
export interface Temperature {
  /** The chip and the sensor: `coretemp/Core 0`, or the type of a thermal zone: `x86_pkg_temp`. */
  readonly sensor: string;
  readonly celsius: number;
  /** From where on the manufacturer says that it is too hot; undefined when that is not told. */
  readonly limit: number | undefined;
}

/** Reads every battery and adapter of this machine. */
export function powerSupplies(
  read: ReadSystemFile = readSystemFile,
  list: ListSystemFolder = listSystemFolder,
): PowerSupplies {
  const root = "/sys/class/power_supply";
  const supplies = list(root).map((device) => {
    const property = (name: string): string | undefined => read(`${root}/${device}/${name}`)?.trim();
    return { device, property, type: property("type") };
  });
  const batteries = supplies.flatMap(({ device, property, type }) => {
    // A mouse or a headset has a battery of its own, which is none of the machine's.
    if (type !== "Battery" || property("scope") === "Device") return [];
    const charge = Number.parseInt(property("capacity") ?? "", 10);
    return Number.isNaN(charge) ? [] : [{ device, charge }];
  });
  const adapters = supplies.filter(({ type }) => type === "Mains" || type === "USB");
  const isOnline = adapters.some(({ property }) => /^[12]$/.test(property("online") ?? "")); // 2: by a program.
  return { batteries, isPluggedIn: adapters.length === 0 ? undefined : isOnline };
}

/** Reads every temperature sensor of this machine: those of the chips, else those of the thermal zones. */
export function temperatures(
  read: ReadSystemFile = readSystemFile,
  list: ListSystemFolder = listSystemFolder,
): readonly Temperature[] {
  const ofChips = chipTemperatures(read, list);
  return ofChips.length > 0 ? ofChips : zoneTemperatures(read, list);
}

/** Documentation/hwmon/sysfs-interface.rst: `temp1_input` and its limits in thousandths of a degree. */
function chipTemperatures(read: ReadSystemFile, list: ListSystemFolder): readonly Temperature[] {
  const root = "/sys/class/hwmon";
  return list(root).flatMap((folder) => {
    const chip = read(`${root}/${folder}/name`)?.trim() ?? folder;
    return list(`${root}/${folder}`).flatMap((file) => {
      const prefix = /^(temp\d+)_input$/.exec(file)?.[1];
      const celsius = prefix === undefined ? undefined : degrees(read(`${root}/${folder}/${prefix}_input`));
      if (prefix === undefined || celsius === undefined) return [];
      const label = read(`${root}/${folder}/${prefix}_label`)?.trim() ?? prefix;
      const limit = (name: string) => degrees(read(`${root}/${folder}/${prefix}_${name}`));
      return [{ sensor: `${chip}/${label}`, celsius, limit: plausible(limit("max")) ?? plausible(limit("crit")) }];
    });
  });
}

/** Documentation/driver-api/thermal/sysfs-api.rst. The trip point that is called critical ends the machine. */
function zoneTemperatures(read: ReadSystemFile, list: ListSystemFolder): readonly Temperature[] {
  const root = "/sys/class/thermal";
  return list(root).flatMap((zone) => {
    const celsius = zone.startsWith("thermal_zone") ? degrees(read(`${root}/${zone}/temp`)) : undefined;
    if (celsius === undefined) return [];
    const trips = list(`${root}/${zone}`).filter((file) => /^trip_point_\d+_type$/.test(file));
    const limitOf = (type: string): number | undefined => {
      const trip = trips.find((file) => read(`${root}/${zone}/${file}`)?.trim() === type);
      if (trip === undefined) return undefined;
      return plausible(degrees(read(`${root}/${zone}/${trip.replace(/type$/, "temp")}`)));
    };
    const sensor = read(`${root}/${zone}/type`)?.trim() ?? zone;
    return [{ sensor, celsius, limit: limitOf("hot") ?? limitOf("critical") }];
  });
}

function degrees(thousandths: string | undefined): number | undefined {
  const number = Number.parseInt(thousandths ?? "", 10);
  return Number.isNaN(number) ? undefined : number / 1000;
}

/** Chips that know no limit give 0, or one that nothing reaches. */
function plausible(limit: number | undefined): number | undefined {
  return limit !== undefined && limit > 0 && limit <= 200 ? limit : undefined;
}
