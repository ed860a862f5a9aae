import { randomUUID } from "node:crypto";
import { z } from "zod";
import { adviceOnName, noSuchCheck } from "../config/make/check-names.ts";
import { duration } from "../health/fields.ts";
import type { HealthCheck } from "../health/health-check.ts";
import { InvalidOptionsError } from "../health/invalid-options-error.ts";
import type { Maintenance } from "../health/maintenance/maintenance.ts";
import { scopeFields, titleField } from "../health/maintenance/maintenance-fields.ts";
import { cutShort, type MaintenancePlan, planOfOne } from "../health/maintenance/plan.ts";
import { PlanCalendar } from "../health/maintenance/plan-calendar.ts";
import type { ReplaceableCalendar } from "../health/maintenance/replaceable-calendar.ts";
import { groupPath, type Scope } from "../health/maintenance/scope.ts";
import { validateOptions } from "../health/validate-options.ts";
import type { MaintenanceDesk, MaintenanceOutcome } from "../server/routes/maintenance.ts";
import type { KeepsTexts } from "./stored-texts.ts";

/** For so long, what has ended is known: readers ask about the time that has just passed. */
const keptMilliseconds = 7 * 86_400_000;

/** How many that were begun by hand may be under way. */
const maxBegun = 1000;

const lengthField = duration()
  .refine((value) => value.milliseconds > 0, "must be longer than 0s")
  .refine((value) => value.milliseconds <= 366 * 86_400_000, "must be at most 366d");

/** What begins a maintenance. Without `for`, it lasts until somebody ends it. */
const beginRequest = z.strictObject({ title: titleField, ...scopeFields, for: lengthField.optional() });

const oneOf = "must have exactly one of id, title and all";
const endRequest = z
  .strictObject({ id: z.string().optional(), title: z.string().optional(), all: z.literal(true).optional() })
  .refine((request) => Object.values(request).filter((value) => value !== undefined).length === 1, oneOf);

const moment = z.number().min(0).max(8.64e15);
const scope = { checks: z.array(z.string()), groups: z.array(z.array(z.string())) };

/** What is kept: one that was begun by hand, or that a planned one was ended before its time. */
const document = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("begun"), title: z.string(), startsAt: moment, endsAt: moment.optional(), ...scope }),
  z.object({ kind: z.literal("ended"), endsAt: moment }),
]);

type Document = z.output<typeof document>;
type Begun = Extract<Document, { kind: "begun" }>;

/** A maintenance as clients are told of it. */
interface Listed {
  readonly id: string;
  readonly title: string;
  readonly state: "active" | "planned";
  readonly begun: "by hand" | "as planned";
  readonly since: string;
  readonly until?: string | undefined;
  readonly checks: readonly string[] | "all";
  readonly groups: readonly string[];
}

/** What is planned and what was begun by hand, in one calendar. */
export class ServerMaintenance implements MaintenanceDesk {
  readonly #calendar: ReplaceableCalendar;
  readonly #checks: () => readonly HealthCheck[];
  readonly #documents: KeepsTexts | undefined;
  readonly #kept = new Map<string, Document>();
  #planned: readonly MaintenancePlan[] = [];

  /** @param calendar is replaced whenever something changes */
  static async open(
    calendar: ReplaceableCalendar,
    checks: () => readonly HealthCheck[],
    documents: KeepsTexts | undefined,
  ): Promise<ServerMaintenance> {
    const maintenance = new ServerMaintenance(calendar, checks, documents);
    for (const [id, json] of (await documents?.all()) ?? []) maintenance.#recall(id, json);
    documents?.listen?.((id, json) => maintenance.#hear(id, json));
    return maintenance;
  }

  private constructor(
    calendar: ReplaceableCalendar,
    checks: () => readonly HealthCheck[],
    documents: KeepsTexts | undefined,
  ) {
    this.#calendar = calendar;
    this.#checks = checks;
    this.#documents = documents;
  }

  /** Takes other plans. What was begun by hand goes on. */
  plan(plans: readonly MaintenancePlan[]): void {
    this.#planned = plans;
    this.#renew();
  }

  list(): { readonly maintenance: readonly Listed[] } {
    const now = Date.now();
    const maintenance = [
      ...this.#begunPlans().flatMap((plan) => listedOf(plan, "by hand", now)),
      ...this.#plannedPlans().flatMap((plan) => listedOf(plan, "as planned", now)),
    ];
    return { maintenance: maintenance.toSorted((one, other) => compare(one, other)) };
  }

  begin(request: unknown): MaintenanceOutcome {
    const read = readRequest(beginRequest, request);
    if (typeof read === "string") return { status: 400, message: read };
    const { title, checks = [], groups = [], for: length } = read;
    const paths = groups.map(groupPath);
    const wrong = this.#wrongName(checks, paths);
    if (wrong !== undefined) return { status: 400, message: wrong };
    const now = Date.now();
    if ([...this.#kept.values()].filter((one) => one.kind === "begun" && isUnderWay(one, now)).length >= maxBegun) {
      return { status: 409, message: `${maxBegun} maintenances are under way already; end some of them.` };
    }
    const endsAt = length && now + length.milliseconds;
    const begun: Begun = {
      kind: "begun",
      title,
      startsAt: now,
      endsAt,
      checks: [...checks],
      groups: paths.map((path) => [...path]),
    };
    const id = randomUUID();
    this.#keep(id, begun);
    this.#renew();
    const [listed] = listedOf(planOfBegun(id, begun), "by hand", now);
    return { status: 201, content: listed ?? {} };
  }

  end(request: unknown): MaintenanceOutcome {
    const read = readRequest(endRequest, request);
    if (typeof read === "string") return { status: 400, message: read };
    const now = Date.now();
    const active = this.list().maintenance.filter(({ state }) => state === "active");
    const wanted = active.filter((one) => {
      // All of those begun by hand: what is planned is ended one by one.
      if (read.all) return one.begun === "by hand";
      return read.id === undefined ? one.title === read.title : one.id === read.id;
    });
    if (wanted.length === 0) return { status: 404, message: whyNothing(read, active) };
    for (const { id } of wanted) {
      const begun = this.#kept.get(id);
      this.#keep(id, begun?.kind === "begun" ? { ...begun, endsAt: now } : { kind: "ended", endsAt: now });
    }
    this.#renew();
    const until = new Date(now).toISOString();
    return { status: 200, content: { ended: wanted.map(({ state: _, ...one }) => ({ ...one, until })) } };
  }

  #renew(): void {
    const now = Date.now();
    for (const [id, { endsAt }] of this.#kept) {
      if (endsAt === undefined || endsAt > now - keptMilliseconds) continue;
      this.#kept.delete(id);
      this.#documents?.delete(id);
    }
    this.#calendar.replace(new PlanCalendar([...this.#begunPlans(), ...this.#plannedPlans()]));
  }

  #keep(id: string, kept: Document): void {
    this.#kept.set(id, kept);
    this.#documents?.put(id, JSON.stringify(kept));
  }

  #recall(id: string, json: string): void {
    try {
      this.#kept.set(id, document.parse(JSON.parse(json)));
    } catch {
      // Of another version, or damaged: nothing can be done with it here. Another replica may know what it is.
      if (this.#documents?.listen === undefined) this.#documents?.delete(id);
    }
  }

  /** Takes what another replica has begun, ended or forgotten. */
  #hear(id: string, json: string | undefined): void {
    if (json === undefined) this.#kept.delete(id);
    else this.#recall(id, json);
    this.#renew();
  }

  #begunPlans(): readonly MaintenancePlan[] {
    return [...this.#kept].flatMap(([id, kept]) => (kept.kind === "begun" ? [planOfBegun(id, kept)] : []));
  }

  #plannedPlans(): readonly MaintenancePlan[] {
    const ended = [...this.#kept].flatMap(([id, { kind, endsAt }]) =>
      kind === "ended" && endsAt !== undefined ? [[id, endsAt] as const] : [],
    );
    return ended.length === 0 ? this.#planned : this.#planned.map((plan) => cutShort(plan, new Map(ended)));
  }

  #wrongName(names: readonly string[], paths: readonly (readonly string[])[]): string | undefined {
    const checks = this.#checks();
    const known = new Set(checks.map(({ name }) => name));
    const name = names.find((one) => !known.has(one));
    if (name !== undefined) return `${noSuchCheck(name)}${adviceOnName(name, known)()}`;
    const groups = new Set(
      checks.flatMap(({ group = [] }) => group.map((_, index) => group.slice(0, index + 1).join("/"))),
    );
    const group = paths.map((path) => path.join("/")).find((one) => !groups.has(one));
    return group === undefined ? undefined : `no check is in a group called "${group}"`;
  }
}

function planOfBegun(id: string, { title, startsAt, endsAt, checks, groups }: Begun): MaintenancePlan {
  const of: Scope = { checks: new Set(checks), groups };
  return planOfOne({ id, title, startsAt, endsAt }, of);
}

function isUnderWay({ endsAt }: Begun, now: number): boolean {
  return endsAt === undefined || endsAt > now;
}

/** The one that is under way, and for a plan the next one. */
function listedOf(plan: MaintenancePlan, begun: Listed["begun"], now: number): readonly Listed[] {
  const { occurrences, maintenanceOf, scope: of } = plan;
  const next = occurrences.next(now);
  const listed = (maintenance: Maintenance, state: Listed["state"]): Listed => ({
    id: maintenance.id,
    title: maintenance.title,
    state,
    begun,
    since: new Date(maintenance.startsAt).toISOString(),
    until: maintenance.endsAt === undefined ? undefined : new Date(maintenance.endsAt).toISOString(),
    checks: of.checks.size + of.groups.length === 0 ? "all" : [...of.checks],
    groups: of.groups.map((path) => path.join("/")),
  });
  return [
    ...occurrences.between(now, now + 1).map((one) => listed(maintenanceOf(one), "active")),
    ...(next === undefined ? [] : [listed(maintenanceOf(next), "planned")]),
  ];
}

function compare(one: Listed, other: Listed): number {
  return one.since < other.since ? -1 : Number(one.since > other.since);
}

/** @returns what is wrong with it, in words, when it is not valid */
function readRequest<Request extends object>(schema: z.ZodType<Request>, request: unknown): Request | string {
  try {
    return validateOptions("The request", schema, request);
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error;
    return error.message;
  }
}

function whyNothing(
  { id, title }: { readonly id?: string | undefined; readonly title?: string | undefined },
  active: readonly Listed[],
): string {
  const which =
    id === undefined ? (title === undefined ? "begun by hand" : `called "${title}"`) : `with the id "${id}"`;
  const known = active.map((one) => `${one.title} (${one.id})`).slice(0, 20);
  const rest = known.length === 0 ? "" : ` Under way: ${known.join(", ")}.`;
  return `No maintenance ${which} is under way.${rest}`;
}
