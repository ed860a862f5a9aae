import type { z } from "zod";
import { type JsonSchema, jsonSchemaOf } from "../../src/config/schema/schema-at.ts";
import type { HealthCheckClass } from "../../src/health/health-check.ts";
import { InvalidOptionsError } from "../../src/health/invalid-options-error.ts";
import { ConnectionUrl, Secret } from "../../src/health/secret.ts";
import { certificates } from "./certificates.ts";

/** Options with which a check can be constructed, and the secret that is in them. */
export interface SecretOptions {
  readonly options: object;
  /** As it was put in: not every option takes any text. */
  readonly secret: string;
}

/** A way to construct a check with a secret in one of its fields. */
export interface SecretPlace {
  readonly field: string;
  /**
   * @param secret any text
   * @param port of 127.0.0.1, where the check shall talk to if it talks to anything
   */
  readonly make: (secret: string, port: number) => SecretOptions;
}

/** A value for an option, as long as nobody knows which secret and which port. */
type Value = (secret: string, port: number) => unknown;

interface Field {
  readonly name: string;
  readonly isSecret: boolean;
  readonly isRequired: boolean;
  /** Values that may do, the most likely first. */
  readonly candidates: readonly Value[];
}

/** How a secret is written where not every text is taken: in a header, or as a private key. */
const forms: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => Buffer.from(secret).toString("base64url"),
  () => certificates.client.key,
];

/** Does for the search: the ways that are found are taken with other ones. */
const trialSecret = "a secret of the test";
const trialPort = 50_000;

/** How many options may be needed besides the one with the secret. */
const maxCompanions = 3;

/**
 * Finds, from what a class declares alone, how to construct its checks with a secret in each of the fields that take one:
 * what else must be given with it is tried out, the fewest options first.
 * @returns every way with the fewest other options, for each of the fields
 * @throws Error that names a field for which there is none
 */
export function secretPlacesOf(Check: HealthCheckClass): readonly SecretPlace[] {
  const fields = fieldsOf(Check);
  return fields.filter(({ isSecret }) => isSecret).flatMap((field) => placesOf(Check, field, fields));
}

/** The names of the fields that hold a secret or an address with credentials in a check, whatever its schema says. */
export function fieldsWithSecrets(check: object): readonly string[] {
  const holdsSecret = (value: unknown): boolean => {
    if (value instanceof Secret || value instanceof ConnectionUrl) return true;
    return typeof value === "object" && value !== null && Object.values(value).some(holdsSecret);
  };
  return Object.entries(check).flatMap(([name, value]) => (holdsSecret(value) ? [name] : []));
}

/** The names of the fields that take a secret, by the declaration. */
export function secretFieldsOf(Check: HealthCheckClass): readonly string[] {
  return fieldsOf(Check).flatMap(({ name, isSecret }) => (isSecret ? [name] : []));
}

function fieldsOf({ definition: { labels, settings, schema } }: HealthCheckClass): readonly Field[] {
  const { required = [] } = jsonSchemaOf(schema);
  return Object.entries({ ...labels, ...settings }).map(([name, field]) => {
    const json = jsonSchemaOf(field);
    const isSecret = JSON.stringify(json).includes('"writeOnly":true');
    return { name, isSecret, isRequired: required.includes(name), candidates: candidatesFor(json, field) };
  });
}

function placesOf(Check: HealthCheckClass, field: Field, fields: readonly Field[]): readonly SecretPlace[] {
  const needed = fields.filter((other) => other !== field && other.isRequired);
  const optional = fields.filter((other) => other !== field && !other.isRequired);
  const candidates = field.candidates.filter((value) => JSON.stringify(value("secret", trialPort)).includes("secret"));
  const given = assignments([{ ...field, candidates }, ...needed]);
  for (let count = 0; count <= maxCompanions; count += 1) {
    const places = given.flatMap((values) =>
      combinations(optional, count)
        .flatMap(assignments)
        .flatMap((more) => makers(Check, fields, { ...values, ...more }).slice(0, 1))
        .map((make): SecretPlace => ({ field: field.name, make })),
    );
    if (places.length > 0) return places;
  }
  throw new Error(`with which options can ${Check.name} be constructed that has the secret ${field.name}?`);
}

/** The ways to construct a check with these values that work, one with a port of ours before the others. */
function makers(Check: HealthCheckClass, fields: readonly Field[], values: Readonly<Record<string, Value>>) {
  const port: Value = (_secret, number) => number;
  const withPort = fields.some(({ name }) => name === "port") ? [{ port, ...values }] : [];
  const ways = [...withPort, values].map((way) => maker(Check, way));
  return ways.filter((make) => succeeds(() => make(trialSecret, trialPort)));
}

/** @throws InvalidOptionsError when the options do not go together, or take the secret in no form */
function maker(Check: HealthCheckClass, values: Readonly<Record<string, Value>>): SecretPlace["make"] {
  return (text, port) => {
    for (const form of forms) {
      const secret = form(text);
      const options = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value(secret, port)]));
      if (succeeds(() => new Check(options))) return { options, secret };
    }
    throw new InvalidOptionsError(Check.name, []);
  };
}

function succeeds(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof InvalidOptionsError) return false;
    throw error;
  }
}

/** Every choice of so many of the things. */
function combinations<Thing>(things: readonly Thing[], count: number): readonly (readonly Thing[])[] {
  if (count === 0) return [[]];
  return things.flatMap((thing, index) =>
    combinations(things.slice(index + 1), count - 1).map((others) => [thing, ...others]),
  );
}

/** Every way to give each field one of its candidates. */
function assignments(fields: readonly Field[]): readonly Readonly<Record<string, Value>>[] {
  return fields.reduce<readonly Readonly<Record<string, Value>>[]>(
    (ways, { name, candidates }) => ways.flatMap((way) => candidates.map((value) => ({ ...way, [name]: value }))),
    [{}],
  );
}

/** Those of the values for a schema that the field accepts by itself. */
function candidatesFor(json: JsonSchema, field: z.ZodType): readonly Value[] {
  const accepted = valuesFor(json, field).filter((value) =>
    forms.some((form) => field.safeParse(value(form(trialSecret), trialPort)).success),
  );
  // One text is as good as another, where any will do; a word of a list is not.
  const isOpen = json.enum === undefined && json.anyOf === undefined && json.title !== "address";
  return isOpen && (json.type === "string" || json.type === "integer" || json.type === "number")
    ? accepted.slice(0, 1)
    : accepted;
}

function valuesFor(json: JsonSchema, field: z.ZodType): readonly Value[] {
  if (Array.isArray(json.type)) return json.type.flatMap((type) => valuesFor({ ...json, type }, field));
  if (json.title === "address") return addresses(field);
  if (json.title === "secret") return [(secret) => secret];
  if (json.const !== undefined) return [() => json.const];
  if (json.enum !== undefined) return json.enum.map((value) => () => value);
  if (json.anyOf !== undefined) return json.anyOf.flatMap((one) => valuesFor(one, field));
  switch (json.type) {
    case "boolean":
      return [() => true, () => false];
    case "integer":
    case "number":
      return [(_secret, port) => port, () => json.minimum ?? 1];
    case "array":
      return valuesFor(json.items ?? {}, field).map((value) => (secret, port) => [value(secret, port)]);
    case "object": {
      const { additionalProperties: inner } = json;
      const values = typeof inner === "object" ? valuesFor(inner, field) : [];
      return values.map((value) => (secret, port) => ({ "X-Token": value(secret, port) }));
    }
    default: {
      // A text may be a host, a duration, a share or a certificate.
      const texts = ["127.0.0.1", "1h", "50%", certificates.client.cert].map((text) => () => text);
      return json.title === "host and port" ? [(_secret, port) => `127.0.0.1:${port}`] : texts;
    }
  }
}

/**
 * With credentials and without; a path /0 is the number of a database as well as a name, and may be refused. Which protocols an address may have,
 * only its message says.
 */
function addresses(field: z.ZodType): readonly Value[] {
  const message = field.safeParse("").error?.issues[0]?.message ?? "";
  const protocol = /(\w+):\/\//.exec(message)?.[1] ?? "http";
  const withCredentials =
    (rest: (encoded: string) => string): Value =>
    (secret, port) => {
      const encoded = encodeURIComponent(secret);
      return `${protocol}://user:${encoded}@127.0.0.1:${port}${rest(encoded)}`;
    };
  return [
    withCredentials((encoded) => `/0?token=${encoded}`),
    withCredentials(() => "/0"), // Where unknown parameters are refused.
    withCredentials(() => ""), // Or paths.
    (_secret, port) => `${protocol}://127.0.0.1:${port}/0`,
    (_secret, port) => `${protocol}://127.0.0.1:${port}`,
  ];
}
