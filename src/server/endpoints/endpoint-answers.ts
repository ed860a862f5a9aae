import { randomUUID } from "node:crypto";
import type { Caller } from "../../engine/caller.ts";
import type { HealthMonitor } from "../../engine/monitor.ts";
import type { Format, Offer, RenderContext } from "../../formats/format.ts";
import type { Choice } from "../../formats/negotiate.ts";
import type { Endpoint, Report } from "../../health/report.ts";
import { type Answer, contentAnswer } from "../answer.ts";
import { AnswerMemory } from "./answer-memory.ts";

/** A rendered report is served again for so long, as long as nothing in it has changed. */
const reuseMilliseconds = 1000;

/**
 * A report that takes long to render is served again although some run has ended since, for this many times as long as it took:
 * however many ask, rendering takes a tenth of the time at most, and the runs get the rest.
 */
const reuseForRenderTime = 9;
/** What takes less is not worth waiting for. */
const longRenderMilliseconds = 2;

/** Answers kept for one report: they differ by the format, and by the path under which it is asked for. */
const maxAnswers = 50;

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
  readonly mentionsPath: boolean;
  readonly mentionsLinkPrefix: boolean;
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
  /** Those of formats that mention the path under which they are asked for. */
  readonly byPath: Map<string, Template>;
}

/** The answers of one endpoint, each rendered once for as many callers as come while it stays true. */
export class EndpointAnswers {
  readonly #monitor: HealthMonitor;
  readonly #endpoint: Endpoint;
  readonly #memory: AnswerMemory;
  #rendered: Rendered | undefined;

  /** @param memory of all endpoints together */
  constructor(monitor: HealthMonitor, endpoint: Endpoint, memory = new AnswerMemory()) {
    this.#monitor = monitor;
    this.#endpoint = endpoint;
    this.#memory = memory;
  }

  /** The answer in memory while it is true, else one from fresh results. */
  answer(choice: Choice<Format>, address: () => Address, caller: Caller): Answer | Promise<Answer> {
    const rendered = this.#latest() ?? this.#costly();
    if (rendered !== undefined && performance.now() < rendered.freshUntil)
      return this.#answerOf(rendered, choice, address);
    return this.#monitor
      .report(this.#endpoint, caller)
      .then((report) => this.#answerOf(this.#latest() ?? this.#keep(report), choice, address));
  }

  /** Lets go of what is kept, to make room for what others are asked for. */
  forget(): void {
    this.#rendered = undefined;
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

  #answerOf(rendered: Rendered, { format, offer }: Choice<Format>, address: () => Address): Answer {
    const latest = rendered.latest.get(offer);
    if (latest !== undefined && !dependsOnAddress(latest)) return latest.answer;
    const { origin, path, linkPrefix } = address();
    const key = `${offer.contentType} ${linkPrefix} ${path}`;
    const known =
      latest !== undefined && !latest.mentionsPath && !latest.mentionsLinkPrefix ? latest : rendered.byPath.get(key);
    if (known !== undefined) return finish(known, origin);
    const startedAt = performance.now();
    const template = render(rendered.report, { format, offer }, { path, linkPrefix });
    rendered.renderMilliseconds += performance.now() - startedAt;
    rendered.latest.set(offer, template);
    const isKeptByPath = template.mentionsPath || template.mentionsLinkPrefix;
    if (isKeptByPath && rendered.byPath.size < maxAnswers) rendered.byPath.set(key, template);
    if (rendered === this.#rendered) this.#memory.keep(this, Buffer.byteLength(template.answer.body));
    return finish(template, origin);
  }
}

/** Whether a client that uses another address gets another answer. */
function dependsOnAddress({ parts, mentionsPath, mentionsLinkPrefix }: Template): boolean {
  return parts.length > 1 || mentionsPath || mentionsLinkPrefix;
}

function render(report: Report, { format, offer }: Choice<Format>, address: Omit<Address, "origin">): Template {
  let mentionsPath = false;
  let mentionsLinkPrefix = false;
  const context: RenderContext = {
    offer,
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
  const answer = contentAnswer(status, offer.contentType, body, format.headers);
  return { answer, parts: body.split(placeholder), mentionsPath, mentionsLinkPrefix };
}

/** @param origin holds no character that any format would have to escape (see `originOf`) */
function finish({ answer, parts }: Template, origin: string): Answer {
  if (parts.length === 1) return answer;
  const body = parts.join(origin);
  const length = String(Buffer.byteLength(body));
  return { ...answer, headers: { ...answer.headers, "Content-Length": length }, body };
}
