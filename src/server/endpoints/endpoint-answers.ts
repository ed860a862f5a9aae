import { randomUUID } from "node:crypto";
import type { Caller } from "../../engine/caller.ts";
import type { HealthMonitor } from "../../engine/monitor.ts";
import type { Format, Offer, Query, RenderContext } from "../../formats/format.ts";
import type { Choice } from "../../formats/negotiate.ts";
import type { PastFound } from "../../formats/past-wanted.ts";
import type { Sibling, Site } from "../../formats/site.ts";
import type { Endpoint, Report } from "../../health/report.ts";
import { type Answer, contentAnswer, refusal } from "../answer.ts";
import { AnswerMemory } from "./answer-memory.ts";
import { PastLookups } from "./past-lookups.ts";
import { RenderAllowance } from "./render-allowance.ts";

/** A rendered report is served again for so long, as long as nothing in it has changed. */
const reuseMilliseconds = 1000;

/**
 * A report that takes long to render is served again although some run has ended since, for this many times as long as it took:
 * however many ask, rendering takes a tenth of the time at most, and the runs get the rest.
 */
const reuseForRenderTime = 9;
/** What takes less is not worth waiting for. */
const longRenderMilliseconds = 2;

/** Answers kept for one report: they differ by the format, by the query, and by the path under which it is asked for. */
const maxAnswers = 50;

const tooManyQueries: Answer = refusal(
  503,
  "Too many different queries are asked for at once. Ask again in a few seconds, or without a query.",
  { "Retry-After": "5" },
);

/** What a request asks for. */
export interface Wish extends Choice<Format> {
  /** What of its query the format heeds. Default: nothing. */
  readonly query?: Query | undefined;
}

/** What the answers of an endpoint show besides its checks. */
export interface Surroundings {
  /** Relative to the endpoint or check that is answered about. */
  readonly siblings?: readonly Sibling[];
  readonly site?: Site | undefined;
  /** Of all endpoints together. */
  readonly allowance?: RenderAllowance;
}

/** Under which address a report is asked for. */
export interface Address {
  /** Scheme and authority: `https://shop.example`. */
  readonly origin: string;
  /** What follows the origin, with a trailing slash. */
  readonly path: string;
  /** The start of relative links, as formats are given it. */
  readonly linkPrefix: string;
}

/**
 * Stands for the origin while a format renders. A client may write another `Host` into each request: what mentions it is
 * rendered once, and the origin put in for each. No text of a check can contain it, since it is chosen at the start.
 */
const placeholder = `http://${randomUUID()}.invalid`;

/** What was rendered, and is finished for each client. */
interface Template {
  readonly answer: Answer;
  /** What stands between one mention of the origin and the next; one part when it is not mentioned. */
  readonly parts: readonly string[];
  /** Of all parts together, as they are sent. */
  readonly partBytes: number;
  readonly mentionsPath: boolean;
  readonly mentionsLinkPrefix: boolean;
  /** As it was finished last: most clients use the same address. */
  finished: { readonly origin: string; readonly answer: Answer } | undefined;
}

/** A report, and the answers that were made of it. */
interface Rendered {
  readonly report: Report;
  readonly version: number;
  readonly madeAt: number;
  readonly freshUntil: number;
  /** How long it took to render, in all formats. */
  renderMilliseconds: number;
  /** The latest of each format. */
  readonly latest: Map<Offer, Template>;
  /** Those of formats that mention the path under which they are asked for, and those to queries. */
  readonly byPath: Map<string, Template>;
}

/** The answers of one endpoint, each rendered once for as many callers as come while it stays true. */
export class EndpointAnswers {
  readonly #monitor: HealthMonitor;
  readonly #endpoint: Endpoint;
  readonly #memory: AnswerMemory;
  readonly #surroundings: Surroundings;
  readonly #allowance: RenderAllowance;
  /** Made when something is first looked up: there is one of these for each of thousands of checks. */
  #past: PastLookups | undefined;
  #rendered: Rendered | undefined;

  /** @param memory of all endpoints together */
  constructor(
    monitor: HealthMonitor,
    endpoint: Endpoint,
    memory = new AnswerMemory(),
    surroundings: Surroundings = {},
  ) {
    this.#monitor = monitor;
    this.#endpoint = endpoint;
    this.#memory = memory;
    this.#surroundings = surroundings;
    this.#allowance = surroundings.allowance ?? new RenderAllowance();
  }

  /** The answer in memory while it is true, else one from fresh results. */
  answer(wish: Wish, address: () => Address, caller: Caller): Answer | Promise<Answer> {
    const rendered = this.#latest() ?? this.#costly();
    if (rendered !== undefined && performance.now() < rendered.freshUntil)
      return this.#answerOf(rendered, wish, address);
    return this.#monitor
      .report(this.#endpoint, caller)
      .then((report) => this.#answerOf(this.#latest() ?? this.#keep(report), wish, address));
  }

  /** Lets go of what is kept, to make room for what others are asked for. */
  forget(): void {
    this.#rendered = undefined;
    this.#past?.forget();
  }

  /** The last report, unless something may have changed since. Its results may be too old for a request that comes now. */
  #latest(): Rendered | undefined {
    const rendered = this.#rendered;
    if (rendered?.version !== this.#monitor.version) return undefined;
    return performance.now() - rendered.madeAt < reuseMilliseconds ? rendered : undefined;
  }

  /** The last report while it is too costly to make another one. */
  #costly(): Rendered | undefined {
    const rendered = this.#rendered;
    if (rendered === undefined || rendered.renderMilliseconds < longRenderMilliseconds) return undefined;
    const age = performance.now() - rendered.madeAt;
    return age < Math.min(reuseMilliseconds, reuseForRenderTime * rendered.renderMilliseconds) ? rendered : undefined;
  }

  #keep(report: Report): Rendered {
    this.#memory.release(this);
    this.#rendered = {
      report,
      version: this.#monitor.version,
      madeAt: performance.now(),
      freshUntil: this.#monitor.freshUntil(this.#endpoint.checks),
      renderMilliseconds: 0,
      latest: new Map(),
      byPath: new Map(),
    };
    return this.#rendered;
  }

  #answerOf(rendered: Rendered, wish: Wish, address: () => Address): Answer | Promise<Answer> {
    const { format, offer, query = {} } = wish;
    const asked = queryText(query);
    const latest = (): Template | undefined => (asked === "" ? rendered.latest.get(offer) : undefined);
    const last = latest();
    if (last !== undefined && !dependsOnAddress(last)) return last.answer;
    const { origin, path, linkPrefix } = address();
    const key = `${offer.contentType} ${linkPrefix} ${path} ${asked}`;
    const find = (): Template | undefined => {
      const known = latest();
      return known?.mentionsPath === false && !known.mentionsLinkPrefix ? known : rendered.byPath.get(key);
    };
    const known = find();
    if (known !== undefined) return finish(known, origin);
    if (asked !== "" && !this.#allowance.isLeft) return tooManyQueries;
    const wanted = this.#monitor.history && format.wants?.(rendered.report, query);
    if (wanted !== undefined) this.#past ??= new PastLookups(this.#monitor, this.#endpoint);
    const found = wanted && this.#past?.find(wanted);
    const make = (past: PastFound | undefined): Answer => {
      const made = this.#render(rendered, wish, { path, linkPrefix }, past);
      this.#keepTemplate(rendered, made, asked === "" ? offer : undefined, key);
      return finish(made, origin);
    };
    if (!(found instanceof Promise)) return make(found);
    return found.then((past) => {
      const madeMeanwhile = find();
      return madeMeanwhile === undefined ? make(past) : finish(madeMeanwhile, origin);
    });
  }

  #render(rendered: Rendered, wish: Wish, address: Omit<Address, "origin">, found: PastFound | undefined): Template {
    const startedAt = performance.now();
    const template = render(rendered.report, wish, address, { ...this.#surroundings, found });
    const took = performance.now() - startedAt;
    rendered.renderMilliseconds += took;
    if (queryText(wish.query ?? {}) !== "") this.#allowance.spend(took);
    return template;
  }

  /** @param offer that it is the latest of; undefined for the answer to a query */
  #keepTemplate(rendered: Rendered, template: Template, offer: Offer | undefined, key: string): void {
    if (offer !== undefined) rendered.latest.set(offer, template);
    const isKeptByKey = offer === undefined || template.mentionsPath || template.mentionsLinkPrefix;
    const hasRoom = rendered.byPath.size < maxAnswers;
    if (isKeptByKey && hasRoom) rendered.byPath.set(key, template);
    if (rendered !== this.#rendered || (offer === undefined && !hasRoom)) return;
    this.#memory.keep(this, Buffer.byteLength(template.answer.body));
  }
}

/** What a query says to the format, as a key; nothing says nothing. */
function queryText(query: Query): string {
  for (const _ in query) return JSON.stringify(query);
  return "";
}

/** Whether a client that uses another address gets another answer. */
function dependsOnAddress({ parts, mentionsPath, mentionsLinkPrefix }: Template): boolean {
  return parts.length > 1 || mentionsPath || mentionsLinkPrefix;
}

function render(
  report: Report,
  { format, offer, query = {} }: Wish,
  address: Omit<Address, "origin">,
  { found, siblings = [], site = {} }: Surroundings & { readonly found: PastFound | undefined },
): Template {
  let mentionsPath = false;
  let mentionsLinkPrefix = false;
  const context: RenderContext = {
    offer,
    query,
    found,
    siblings,
    site,
    get url() {
      mentionsPath = true;
      return `${placeholder}${address.path}`;
    },
    get linkPrefix() {
      mentionsLinkPrefix = true;
      return address.linkPrefix;
    },
  };
  const body = format.render(report, context);
  const status = format.tellsByStatus ? report.status : 200;
  const headers = format.siteHeaders?.(site) ?? format.headers;
  const answer = contentAnswer(status, offer.contentType, body, headers);
  const parts = body.split(placeholder);
  const partBytes = Number(answer.headers["Content-Length"]) - (parts.length - 1) * placeholder.length;
  return { answer, parts, partBytes, mentionsPath, mentionsLinkPrefix, finished: undefined };
}

/** @param origin holds no character that any format would have to escape (see `originOf`) */
function finish(template: Template, origin: string): Answer {
  const { answer, parts, partBytes, finished } = template;
  if (parts.length === 1) return answer;
  if (finished?.origin === origin) return finished.answer;
  const body = parts.join(origin);
  // To count the bytes of the whole body each time takes as long as to put it together.
  const length = String(partBytes + (parts.length - 1) * Buffer.byteLength(origin));
  const made = { ...answer, headers: { ...answer.headers, "Content-Length": length }, body };
  template.finished = { origin, answer: made };
  return made;
}
