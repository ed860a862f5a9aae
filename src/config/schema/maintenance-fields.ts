import { z } from "zod";
import { plannedMaintenance } from "../../health/maintenance/maintenance-fields.ts";
import { headerAuthentication } from "./authentication-fields.ts";

const maintenanceList = z.array(plannedMaintenance);

const maintenanceMap = z.strictObject({
  planned: maintenanceList.default([]).describe("What is planned, as in the list."),
  http: z
    .boolean()
    .default(false)
    .describe("Whether maintenance can be begun and ended while the server runs, by `/-/maintenance`. Needs `auth`."),
  auth: headerAuthentication.optional().describe("The credentials that clients of `/-/maintenance` need."),
});

/** The map without validating each entry, so that issues of one do not hide those of another. */
export const maintenanceOutline = maintenanceMap.extend({ planned: z.array(z.unknown()).default([]) });

/** The option `maintenance`. */
export const maintenanceField = z
  .union([maintenanceList, maintenanceMap])
  .optional()
  .describe(
    "When checks run but nothing they find counts: a list of what is planned, or a map with more options. Default: never.",
  );
