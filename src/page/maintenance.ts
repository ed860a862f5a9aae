import { type Markup, markup } from "../formats/markup.ts";
import type { Maintenance } from "../health/maintenance/maintenance.ts";
import { moment } from "./moment.ts";
import { badge } from "./states.ts";

/** The badge of a maintenance, with what is done and how long. */
export function maintenanceBadge({ title, endsAt }: Maintenance): Markup {
  const end = endsAt === undefined ? "until it is ended" : markup`until ${moment(endsAt)}`;
  return markup`${badge("maintenance")} <bdi>${title}</bdi>, ${end}`;
}
