import type { Caller } from "../../engine/caller.ts";
import type { HealthMonitor } from "../../engine/monitor.ts";
import type { Offer, RenderContext } from "../../formats/format.ts";
import type { Choice } from "../../formats/negotiate.ts";
import type { Endpoint, Report } from "../../health/report.ts";
import { type Answer, contentAnswer } from "../answer.ts";

/** A rendered report is served again for so long, as long as nothing in it has changed. */
const reuseMilliseconds = 1000;

/**
 * A report that takes long to render is served again although some run has ended since, for this many times as long as it took:
 * however many ask, rendering takes a tenth of the time at most, and the runs get the rest.
 */
const reuseForRenderTime = 9;
/** What takes less is not worth waiting for. */
const longRenderMilliseconds = 2;

/** Answers kept for one report: they differ by the format, and by the address that the caller used. */
const maxAnswers = 50;

/** Under which address a report is asked for. */
export type Address = Pick<RenderContext, "url" | "linkPrefix">;

/** A report, and the answers that were made of it. */
interface Rendered {
  readonly report: Report;
  readonly version: number;
  readonly madeAt: number;
  readonly freshUntil: number;
  /** How long it took to render, in all formats. */
  renderMilliseconds: number;
  /** Of the formats that do not mention their own address. */
  readonly answers: Map<Offer, Answer>;
  /** Of the others. */
  readonly answersByAddress: Map<string, Answer>;
}

/** The answers of one endpoint, each rendered once for as many callers as come while it stays true. */
export class EndpointAnswers {
  readonly #monitor: HealthMonitor;
  readonly #endpoint: Endpoint;
  #rendered: Rendered | undefined;

  constructor(monitor: HealthMonitor, endpoint: Endpoint) {
    this.#monitor = monitor;
    this.#endpoint = endpoint;
  }

  /** The answer in memory while it is true, else one from fresh results. */
  answer(choice: Choice, address: () => Address, caller: Caller): Answer | Promise<Answer> {
    const rendered = this.#latest() ?? this.#costly();
    if (rendered !== undefined && performance.now() < rendered.freshUntil) return answerOf(rendered, choice, address);
    return this.#monitor
      .report(this.#endpoint, caller)
      .then((report) => answerOf(this.#latest() ?? this.#keep(report), choice, address));
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
    this.#rendered = {
      report,
      version: this.#monitor.version,
      madeAt: performance.now(),
      freshUntil: this.#monitor.freshUntil(this.#endpoint.checks),
      renderMilliseconds: 0,
      answers: new Map(),
      answersByAddress: new Map(),
    };
    return this.#rendered;
  }
}

function answerOf(rendered: Rendered, choice: Choice, address: () => Address): Answer {
  const { answers, answersByAddress } = rendered;
  const known = answers.get(choice.offer);
  if (known !== undefined) return known;
  const { url, linkPrefix = "" } = address();
  const key = `${choice.offer.contentType} ${linkPrefix} ${url}`;
  const knownHere = answersByAddress.get(key);
  if (knownHere !== undefined) return knownHere;
  let mentionsAddress = false;
  const startedAt = performance.now();
  const answer = render(rendered.report, choice, {
    offer: choice.offer,
    get url() {
      mentionsAddress = true;
      return url;
    },
    get linkPrefix() {
      mentionsAddress = true;
      return linkPrefix;
    },
  });
  rendered.renderMilliseconds += performance.now() - startedAt;
  if (!mentionsAddress) answers.set(choice.offer, answer);
  else if (answersByAddress.size < maxAnswers) answersByAddress.set(key, answer);
  return answer;
}

function render(report: Report, { format, offer }: Choice, context: RenderContext): Answer {
  const body = format.render(report, context);
  return contentAnswer(format.tellsByStatus ? report.status : 200, offer.contentType, body, format.headers);
}
