import { describe, expect, it } from "vitest";
import { bucketsOf, quantileBetween, sumOf } from "../../../proof/support/histogram.ts";

const before = `lag_seconds_bucket{le="0.1"} 2
lag_seconds_bucket{le="1"} 4
lag_seconds_bucket{le="+Inf"} 4
`;
const after = `lag_seconds_bucket{le="0.1"} 2
lag_seconds_bucket{le="1"} 14
lag_seconds_bucket{le="+Inf"} 14
`;

describe("quantileBetween", () => {
  it("guesses within the bucket in which the share is reached", () => {
    expect(quantileBetween(bucketsOf(before, "lag_seconds"), bucketsOf(after, "lag_seconds"), 0.5)).toBeCloseTo(0.55);
  });

  it("is not a number when nothing came between the readings", () => {
    const buckets = bucketsOf(before, "lag_seconds");
    expect(quantileBetween(buckets, buckets, 0.99)).toBeNaN();
  });

  it("is not a number when there is no such histogram", () => {
    expect(quantileBetween(new Map(), bucketsOf(after, "delay_seconds"), 0.99)).toBeNaN();
  });
});

describe("sumOf", () => {
  it("adds up the series that have the label", () => {
    const text = 'took_sum{type="http"} 1.5\ntook_sum{type="http",reason="dns"} 0.5\ntook_sum{type="tcp"} 7\n';
    expect(sumOf(text, "took", 'type="http"')).toBe(2);
    expect(sumOf(text, "took", 'type="redis"')).toBeNaN();
  });
});
