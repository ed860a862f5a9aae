import type { SharedTexts } from "../fleet/shared-texts.ts";
import type { KeepsTexts } from "./stored-texts.ts";

/** Texts that all replicas of a fleet know. What is put there counts here at once, and elsewhere when Redis has taken it. */
export class FleetDocuments implements KeepsTexts {
  readonly #texts: SharedTexts;

  constructor(texts: SharedTexts) {
    this.#texts = texts;
  }

  put(id: string, text: string): void {
    this.#texts.keep(id, text);
  }

  delete(id: string): void {
    this.#texts.keep(id, undefined);
  }

  all(): ReadonlyMap<string, string> {
    return this.#texts.all();
  }

  listen(heard: (id: string, text: string | undefined) => void): void {
    this.#texts.listen(({ id, text, isOwn }) => {
      if (!isOwn) heard(id, text);
    });
  }
}
