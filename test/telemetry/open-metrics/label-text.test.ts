import type { Attributes } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { labelIdentity, labelTextOf } from "../../../src/telemetry/open-metrics/label-text.ts";

const textOf = (attributes: Attributes, onHistogram = false): string => labelTextOf(attributes, onHistogram).text;

describe("labelTextOf", () => {
  it("writes attributes in their order", () => {
    expect(textOf({ type: "http", check: "shop" })).toBe('type="http",check="shop"');
    expect(textOf({})).toBe("");
  });

  it.each([
    ["health.check.name", "check"],
    ["health.check.type", "type"],
    ["health.check.state", "state"],
    ["health.check.endpoint", "endpoint"],
    ["health.check.measure.name", "measure"],
    ["health.check.measure.unit", "unit"],
    ["healthspan.skip.reason", "reason"],
    ["healthspan.refusal.reason", "reason"],
    ["healthspan.telemetry.signal", "signal"],
    ["health.check.label.statusUrl", "statusUrl"],
    ["health.check.label.a$b", "a_b"],
    ["health.check.labels", "health_check_labels"],
    ["error.type", "error_type"],
    ["http.request.method", "http_request_method"],
    ["9lives", "_9lives"],
    ["__name__", "_name_"],
    ["a--b", "a_b"],
    ["", "_"],
    ["größe", "gr_e"],
    ["otel.scope.name", "exported_otel_scope_name"],
  ])("calls the attribute %j %s", (key, name) => expect(textOf({ [key]: "x" })).toBe(`${name}="x"`));

  it("keeps the bound of a histogram's buckets apart from an attribute of that name", () => {
    expect(textOf({ le: "x" }, true)).toBe('exported_le="x"');
    expect(textOf({ le: "x" })).toBe('le="x"');
  });

  it("joins the values of attributes that get one name, in the order of the attributes' names", () => {
    expect(textOf({ a_b: "3", "a.b": "2", "a-b": "1" })).toBe('a_b="1;2;3"');
  });

  it.each([
    ["", ""],
    ['say "hi"', 'x="say \\"hi\\""'],
    ["C:\\new", 'x="C:\\\\new"'],
    ["two\nlines", 'x="two\\nlines"'],
    ["健康 \t", 'x="健康 \t"'],
    ["nul\u0000 lone \ud800", 'x="nul\ufffd lone \ufffd"'],
    [true, 'x="true"'],
    [0, 'x="0"'],
    [Number.NaN, 'x="NaN"'],
    [["a", 'b"'], 'x="[\\"a\\",\\"b\\\\\\"\\"]"'],
    [undefined, ""],
  ])("writes the value %j as %s", (value, text) => expect(textOf({ x: value })).toBe(text));

  it("remembers the text of an attributes object, for each kind of metric", () => {
    const attributes = Object.freeze({ le: "x" });
    expect(labelTextOf(attributes, false)).toBe(labelTextOf(attributes, false));
    expect(labelTextOf(attributes, true)).toBe(labelTextOf(attributes, true));
    expect(labelTextOf(attributes, true).text).not.toBe(labelTextOf(attributes, false).text);
  });

  it.each([
    [{ "health.check.name": "a", "health.check.type": "b", "health.check.label.queue": "c", job: "d" }, true],
    [{ check: "a" }, false],
    [{}, true],
    [{ "a.b": "x" }, false],
    [{ a: 1 }, false],
    [{ a: "" }, false],
    [{ a: "\ud800" }, false],
    [{ a: "\u0001" }, false],
  ])("knows whether other attributes than %j could read the same", (attributes, unique) => {
    expect(labelTextOf(attributes as Attributes, false).unique).toBe(unique);
  });
});

describe("labelIdentity", () => {
  it("is the same for labels in any order", () => {
    expect(labelIdentity({ b: "1", a: "2" }, false)).toBe(labelIdentity({ a: "2", b: "1" }, false));
    expect(labelIdentity({ "a.b": 1 }, false)).toBe(labelIdentity({ a_b: "1" }, false));
    expect(labelIdentity({ a: "1" }, false)).not.toBe(labelIdentity({ a: "2" }, false));
  });
});
