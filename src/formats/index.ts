import { atom } from "./atom.ts";
import type { Format } from "./format.ts";
import { healthJson } from "./health-json.ts";
import { htmlFormat } from "./html.ts";
import { json } from "./json.ts";
import { openMetrics } from "./open-metrics.ts";
import { rss } from "./rss.ts";
import { text } from "./text.ts";

const alternatives: readonly Format[] = [json, text, healthJson, atom, rss, openMetrics];

/** Every format, in the order of preference between those that a caller likes equally. */
export const formats: readonly Format[] = [htmlFormat(alternatives), ...alternatives];
