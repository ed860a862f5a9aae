import type { Caller, HealthMonitor } from "../engine/monitor.ts";
import type { Choice } from "../formats/negotiate.ts";
import type { Endpoint, Report } from "../health/report.ts";

/** A rendered report is served again for so long, as long as nothing in it has changed. */
const reuseMilliseconds = 1000;

/** So many renderings of one report are kept: they differ by the format, and by the host name that the caller used. */
const mostRenderings = 20;

interface Rendered {
  readonly report: Report;
  readonly bodies: Map<string, string>;
  readonly version: number;
  readonly madeAt: number;
  readonly freshUntil: number;
}

/** The status code and body of an answer. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Answers for one endpoint, rendering a report once for as many callers as come while it stays true. */
export class EndpointAnswers {
  readonly #monitor: HealthMonitor;
  readonly #endpoint: Endpoint;
  #rendered: Rendered | undefined;

  constructor(monitor: HealthMonitor, endpoint: Endpoint) {
    this.#monitor = monitor;
    this.#endpoint = endpoint;
  }

  /** The answer in memory while it is true, else one from fresh results. */
  async answer(choice: Choice, url: string, caller: () => Caller): Promise<Answer> {
    let rendered = this.#rendered;
    if (rendered === undefined || !this.#isTrue(rendered)) {
      const report = await this.#monitor.report(this.#endpoint, caller());
      const freshUntil = this.#monitor.freshUntil(this.#endpoint.checks);
      const { version } = this.#monitor;
      rendered = { report, bodies: new Map(), version, madeAt: performance.now(), freshUntil };
      this.#rendered = rendered;
    }
    const { report, bodies } = rendered;
    const key = `${choice.offer.contentType} ${url}`;
    let body = bodies.get(key);
    if (body === undefined) {
      body = choice.format.render(report, { url, offer: choice.offer });
      if (bodies.size < mostRenderings) bodies.set(key, body);
    }
    return { status: choice.format.tellsByStatus ? report.status : 200, body };
  }

  #isTrue({ version, madeAt, freshUntil }: Rendered): boolean {
    const now = performance.now();
    return version === this.#monitor.version && now < freshUntil && now - madeAt < reuseMilliseconds;
  }
}
