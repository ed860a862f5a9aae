import {
  type Attributes,
  type Context,
  diag,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
} from "@opentelemetry/api";
import { describe } from "../../health/failure.ts";
import type { HealthCheck } from "../../health/health-check.ts";
import { tracer } from "../../health/instrumentation/scope.ts";
import { labelsOf, targetOf } from "../../health/published.ts";
import { redactedException } from "../../health/redacted-exception.ts";
import type { Transition } from "../../health/report.ts";
import type { Result } from "../../health/result.ts";
import type { State } from "../../health/state.ts";
import type { Target } from "../../health/target.ts";
import { labelAttributes } from "../metrics/check-attributes.ts";
import { attributeNames } from "../names.ts";
import { systemAttribute } from "../system-names.ts";

const spansOfChecks = new WeakMap<HealthCheck, { readonly name: string; readonly options: SpanOptions }>();

/**
 * Starts the span of one run.
 * @param parent whose child it becomes; the root context for a scheduled run
 * @param because the run of another check that it links to
 * @throws what the check throws when its labels and its target are read: then {@link startBareRunSpan} does
 */
export function startRunSpan(check: HealthCheck, parent: Context, because?: SpanContext): Span {
  let known = spansOfChecks.get(check);
  if (known === undefined) {
    const options = { kind: kindOf(targetOf(check)), attributes: Object.freeze(spanAttributes(check)) };
    known = { name: `check ${check.name}`, options };
    spansOfChecks.set(check, known);
  }
  return tracer.startSpan(known.name, linked(known.options, because), parent);
}

/** Starts the span of a run of a check whose labels or target cannot be read. */
export function startBareRunSpan({ name, type }: HealthCheck, parent: Context, because?: SpanContext): Span {
  const attributes = { [attributeNames.checkName]: name, [attributeNames.checkType]: type };
  return tracer.startSpan(`check ${name}`, linked({ kind: SpanKind.INTERNAL, attributes }, because), parent);
}

/** Starts the span of a check that does not run. What keeps its labels or its target from being read, its next run throws. */
export function startSkipSpan(check: HealthCheck, parent: Context, because: SpanContext | undefined): Span {
  try {
    return startRunSpan(check, parent, because);
  } catch {
    return startBareRunSpan(check, parent, because);
  }
}

function linked(options: SpanOptions, because: SpanContext | undefined): SpanOptions {
  return because === undefined ? options : { ...options, links: [{ context: because }] };
}

/**
 * Ends the span of a run with what was found. A failing run's span has the status Error, whatever kind of failure it
 * was; the status of a healthy one stays unset, as the specification asks of instrumentation, and so does that of one that found
 * nothing.
 * @param transition the change of the check's state that the run brought about, if it did
 * @param unexpected what was thrown, if it was neither a HealthCheckError nor a known system error
 */
export function endRunSpan(
  span: Span,
  { check, state, failure, measures = [] }: Pick<Result, "check" | "failure" | "measures"> & { readonly state: State },
  transition: Transition | undefined,
  unexpected?: unknown,
): void {
  span.setAttribute(attributeNames.checkState, state);
  for (const { name, value } of measures) span.setAttribute(`${attributeNames.checkValue}.${name}`, value);
  if (transition !== undefined) span.setAttribute(attributeNames.checkPreviousState, transition.from);
  if (failure !== undefined && state !== "unknown") {
    span.setAttribute(attributeNames.errorType, failure.reason);
    span.setStatus({ code: SpanStatusCode.ERROR, message: describe(failure) });
    if (!failure.expected && span.isRecording()) {
      span.recordException(redactedException(unexpected, (text) => check.redact(text)));
    }
  }
  span.end();
}

/**
 * Service graphs draw an edge between a CLIENT span and the SERVER span of what it asked. The run of a check that has one remote
 * target is the former; what looks at this host, runs code or has several conversations is INTERNAL.
 */
function kindOf({ address, url }: Target): SpanKind {
  return address === undefined && url === undefined ? SpanKind.INTERNAL : SpanKind.CLIENT;
}

/** Labels whose value an attribute of the semantic conventions carries already are left out. */
function spanAttributes(check: HealthCheck): Attributes {
  const { address, port, url, method, system, namespace, destination, consumerGroup, question } = targetOf(check);
  const targetAttributes = withValues({
    [attributeNames.serverAddress]: address,
    [attributeNames.serverPort]: port,
    [attributeNames.urlFull]: url,
    [attributeNames.httpRequestMethod]: method,
    ...systemAttributes(check, system),
    [attributeNames.dbNamespace]: namespace,
    [attributeNames.messagingDestinationName]: destination,
    [attributeNames.messagingConsumerGroupName]: consumerGroup,
    [attributeNames.dnsQuestionName]: question,
  });
  const said = new Set(Object.values(targetAttributes).map(String));
  const others = Object.entries(labelsOf(check)).filter(([, value]) => !said.has(value));
  return {
    [attributeNames.checkName]: check.name,
    [attributeNames.checkType]: check.type,
    ...labelAttributes(Object.fromEntries(others)),
    ...targetAttributes,
    [attributeNames.userAgentSyntheticType]: "test",
  };
}

function withValues(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

/** A name that is in no table belongs to no attribute. */
function systemAttributes(check: HealthCheck, system: string | undefined): Attributes {
  if (system === undefined) return {};
  const attribute = systemAttribute(system);
  if (attribute !== undefined) return { [attribute]: system };
  diag.warn(`the ${check.type} check names the unknown system ${JSON.stringify(system)}: its spans leave it out`);
  return {};
}
