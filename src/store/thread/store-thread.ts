import { DocumentTable } from "./document-table.ts";
import { bucketNumbers } from "./history-buckets.ts";
import { measureHistories } from "./history-measures.ts";
import type { Flush, FromThread, LogLine, Question, StoreLocation, ToThread } from "./messages.ts";
import { isDamage, type OpenDatabase, openDatabase, openInMemory, setAside, textOf } from "./open-database.ts";
import { Store } from "./store.ts";
import { type OldState, readOldState, setOldStateAside } from "./take-over.ts";

/** How long availability may be out of date: the less, the fewer checks there are. */
const uptimeMilliseconds = { most: 15_000, perCheck: 1.5 } as const;

/** Sends a message, and hands over what need not be copied. */
export type Post = (message: FromThread, transfer?: readonly ArrayBuffer[]) => void;

interface Parts {
  readonly open: OpenDatabase;
  readonly store: Store;
  readonly documents: DocumentTable;
}

/** What the thread does with what it is sent. */
export class StoreThread {
  readonly #location: StoreLocation;
  readonly #post: Post;
  #parts: Parts | undefined;
  #isFailing = false;
  #checkCount = 0;
  #toldUptimesAt = Number.NEGATIVE_INFINITY;

  constructor(location: StoreLocation, post: Post) {
    this.#location = location;
    this.#post = post;
  }

  /** Opens the database, and says what the start needs of it. */
  async open(): Promise<void> {
    const { path, stateFile } = this.#location;
    const oldPath = stateFile ?? path; // It may be that only the name of the option was changed.
    const old = oldPath === undefined ? undefined : await readOldState(oldPath, this.#say);
    if (old !== undefined && oldPath === path) await setOldStateAside(old, this.#say);
    this.#begin(path === undefined ? openInMemory() : openDatabase(path, this.#say));
    if (old !== undefined) await this.#takeOver(old);
    this.#guarded(({ store }) => this.#post(store.opened()));
    this.#guarded(({ store }) => store.resume());
  }

  take(message: ToThread): void {
    if (message.kind === "flush") this.#flush(message);
    else this.#answer(message.number, message.question);
  }

  #begin(open: OpenDatabase): void {
    try {
      this.#parts = { open, store: new Store(open.database), documents: new DocumentTable(open.database) };
    } catch (error) {
      this.#replaceDamaged(open, error);
    }
  }

  async #takeOver(old: OldState): Promise<void> {
    const memories = old.checks.map(({ transitions, ...current }) => ({
      name: current.name,
      current: JSON.stringify(current),
      transitions: JSON.stringify(transitions),
    }));
    const store = this.#parts?.store;
    if (store === undefined || store.opened().memories.length > 0) return; // It was taken over before.
    this.#guarded(() =>
      store.flush({
        kind: "flush",
        checks: [],
        measures: [],
        events: new Float64Array(0),
        incidents: [],
        memories,
        watched: undefined,
      }),
    );
    if (old.path !== this.#location.path && !this.#isFailing) await setOldStateAside(old, this.#say);
  }

  #flush(flush: Flush): void {
    for (const { number } of flush.checks) this.#checkCount = Math.max(this.#checkCount, number);
    const wasFailing = this.#isFailing;
    this.#guarded(({ store, open }) => {
      store.flush(flush);
      if (wasFailing && this.#isFailing) {
        this.#say({ level: "info", message: `${open.path} can be written again: history is kept` });
        this.#isFailing = false;
      }
    });
    this.#post({ kind: "flushed" });
    this.#tellUptimes();
  }

  #tellUptimes(): void {
    const now = performance.now();
    const wait = Math.min(uptimeMilliseconds.most, this.#checkCount * uptimeMilliseconds.perCheck);
    if (now - this.#toldUptimesAt < wait) return;
    this.#guarded(({ store }) => {
      const numbers = store.uptimes();
      this.#post({ kind: "uptimes", numbers }, [numbers.buffer]);
      this.#toldUptimesAt = now;
    });
  }

  #answer(number: number, question: Question): void {
    try {
      const { value, transfer } = this.#valueOf(question);
      this.#post({ kind: "answer", number, value }, transfer);
    } catch (error) {
      this.#post({ kind: "refusal", number, message: textOf(error) });
      if (isDamage(error)) this.#failed(error);
    }
  }

  #valueOf(question: Question): { readonly value: unknown; readonly transfer?: readonly ArrayBuffer[] } {
    const parts = this.#parts;
    if (parts === undefined) throw new Error("the store is closed");
    const { store, documents } = parts;
    switch (question.kind) {
      case "buckets": {
        const value = bucketNumbers(store, question.checks, question.span, question.now);
        return { value, transfer: [value.numbers.buffer] };
      }
      case "measures":
        return { value: measureHistories(store, question.check, question.span, question.now) };
      case "incidents":
        return { value: store.incidents(question) };
      case "documents":
        return { value: documents.all(question.of) };
      case "put":
        return { value: documents.put(question.of, question.id, question.json) };
      case "delete":
        return { value: documents.delete(question.of, question.id) };
      case "close":
        return { value: this.#close() };
    }
  }

  #close(): void {
    this.#parts?.open.close();
    this.#parts = undefined;
  }

  /** Does something with the database, and says once that it cannot. */
  #guarded(action: (parts: Parts) => void): void {
    if (this.#parts === undefined) return;
    try {
      action(this.#parts);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const open = this.#parts?.open;
    if (open === undefined) return;
    if (isDamage(error)) {
      this.#replaceDamaged(open, error);
      return;
    }
    if (!this.#isFailing) {
      const where = open.path ?? "the history in memory";
      const message = `${where} cannot be written: what happens now will be unknown after a restart`;
      this.#say({ level: "warn", message, error: textOf(error) });
    }
    this.#isFailing = true;
  }

  /** Begins anew with an empty database, to which everything has to be told again. */
  #replaceDamaged(open: OpenDatabase, error: unknown): void {
    if (!isDamage(error)) throw error;
    open.close();
    const { path } = open;
    if (path === undefined) {
      this.#begin(openInMemory());
    } else {
      try {
        setAside(path, "is damaged", this.#say);
        this.#begin(openDatabase(path, this.#say));
      } catch (failure) {
        this.#say({ level: "warn", message: `${path} ${textOf(failure)}` });
        this.#begin(openInMemory());
      }
    }
    this.#post({ kind: "forgot" });
  }

  readonly #say = (line: LogLine): void => this.#post({ kind: "log", ...line });
}
