import { type SpanContext, trace } from "@opentelemetry/api";
import { factNames, tellSpan } from "../../net/spans/span-facts.ts";
import { type FetchedPage, fetchPage, type PagePlace, type PageReading, type Validators } from "./fetch-page.ts";
import { SharedQuestion } from "./shared-question.ts";

/** For so long an answer does for all who ask. */
const sharedMilliseconds = 30_000;

/** What nobody has asked for so long is forgotten. */
const rememberedMilliseconds = 3_600_000;

/** One page, for all who ask for it. */
class SharedPage<Page> {
  #latest: { readonly fetched: FetchedPage<Page>; readonly askedAt: number; readonly asker: Asker } | undefined;
  /** What the server need not send again as long as it is the same. */
  #known: (Validators & { readonly page: Page }) | undefined;
  #underWay: { readonly question: SharedQuestion<FetchedPage<Page>>; readonly asker: Asker } | undefined;
  usedAt = 0;

  async ask(place: PagePlace, reading: PageReading<Page>, signal: AbortSignal): Promise<FetchedPage<Page>> {
    signal.throwIfAborted();
    this.usedAt = Date.now();
    const latest = this.#latest;
    // A clock that was set makes it too old, or of the future: then it is asked again.
    const age = this.usedAt - (latest?.askedAt ?? 0);
    if (latest !== undefined && age >= 0 && age < sharedMilliseconds) return sharedBy(latest.asker, latest.fetched);
    const underWay = this.#underWay;
    if (underWay === undefined || underWay.question.isWithdrawn) return this.#begin(place, reading).wait(signal);
    return sharedBy(underWay.asker, await underWay.question.wait(signal));
  }

  #begin(place: PagePlace, reading: PageReading<Page>): SharedQuestion<FetchedPage<Page>> {
    const asker = trace.getActiveSpan()?.spanContext();
    const question = new SharedQuestion((withdrawal) => {
      const { answer, handOver } = fetchPage(place, reading, this.#known ?? {}, withdrawal);
      const taken = answer.then((fetched) => this.#take(fetched, asker));
      return { answer: taken.finally(() => this.#end(question)), handOver };
    });
    this.#underWay = { question, asker };
    return question;
  }

  /** Only answers are shared. Who asks after a failed connection finds out by himself. */
  #take(answer: FetchedPage<Page>, asker: Asker): FetchedPage<Page> {
    const known = this.#known;
    const fetched = answer.status === 304 && known !== undefined ? { status: 304, page: known.page } : answer;
    const { status, page, etag, lastModified } = fetched;
    if (status === 200) this.#known = page === undefined ? undefined : { page, etag, lastModified };
    this.#latest = { fetched, askedAt: Date.now(), asker };
    return fetched;
  }

  #end(question: SharedQuestion<FetchedPage<Page>>): void {
    if (this.#underWay?.question === question) this.#underWay = undefined;
  }
}

/** The span of the run in which it was asked. */
type Asker = SpanContext | undefined;

/** Says in the run of one who did not ask himself where to find who did. */
function sharedBy<Page>(asker: Asker, fetched: FetchedPage<Page>): FetchedPage<Page> {
  const span = trace.getActiveSpan();
  if (asker !== undefined && asker.spanId !== span?.spanContext().spanId) span?.addLink({ context: asker });
  tellSpan({ [factNames.httpResponseStatusCode]: fetched.status });
  return fetched;
}

/**
 * Pages that many checks look at: each address is asked once in 30 s for all of them, and then only for what has changed.
 */
export class SharedPages<Page> {
  readonly #pages = new Map<string, SharedPage<Page>>();

  /**
   * @param kind as what the page is read
   * @throws what the connection failed with, or the signal's reason: that of one who asks is not that of the others
   */
  ask(place: PagePlace, kind: string, reading: PageReading<Page>, signal: AbortSignal): Promise<FetchedPage<Page>> {
    const { url, family, ca, verifyCertificate } = place;
    // Who trusts other authorities must not be told what others have found.
    const key = JSON.stringify([url.reveal(), kind, family, ca, verifyCertificate]);
    let page = this.#pages.get(key);
    if (page === undefined) {
      this.#forgetOld(Date.now());
      page = new SharedPage();
      this.#pages.set(key, page);
    }
    return page.ask(place, reading, signal);
  }

  #forgetOld(now: number): void {
    for (const [key, { usedAt }] of this.#pages) {
      if (Math.abs(now - usedAt) > rememberedMilliseconds) this.#pages.delete(key);
    }
  }
}
