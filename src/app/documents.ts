/** Keeps texts by their ids over a restart. What cannot be kept is its own matter to tell: it never throws. */
export interface Documents {
  all(): Promise<readonly KeptDocument[]>;
  put(id: string, json: string): void;
  delete(id: string): void;
}

export interface KeptDocument {
  readonly id: string;
  readonly json: string;
}
