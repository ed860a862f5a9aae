import type { Counter } from "@opentelemetry/api";
import { meterOf } from "../../health/instrumentation/scope.ts";
import { metricTable } from "../metric-table.ts";
import { attributeNames, attributeValues } from "../names.ts";
import { createCounter } from "./create-instrument.ts";

/** What became of a message to a channel. */
export type NoticeOutcome = (typeof attributeValues.noticeOutcome)[number];

/** Counts messages to channels. */
export class NoticeInstruments {
  readonly #notices: Counter;

  constructor() {
    this.#notices = createCounter(meterOf(), metricTable.notices);
  }

  /** From now on there are series for a channel, so that its first failure can be seen. */
  begin(channel: string): void {
    for (const outcome of attributeValues.noticeOutcome) this.record(channel, outcome, 0);
  }

  record(channel: string, outcome: NoticeOutcome, count: number): void {
    this.#notices.add(count, {
      [attributeNames.noticeChannel]: channel,
      [attributeNames.noticeOutcome]: outcome,
    });
  }
}
