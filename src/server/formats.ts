import { atom } from "../formats/atom.ts";
import { badge } from "../formats/badge/badge.ts";
import { shields } from "../formats/badge/shields.ts";
import { events } from "../formats/events/events.ts";
import type { Format } from "../formats/format.ts";
import { healthJson } from "../formats/health-json.ts";
import { json } from "../formats/json.ts";
import { openMetrics } from "../formats/open-metrics.ts";
import { rss } from "../formats/rss.ts";
import { text } from "../formats/text.ts";
import { htmlFormat } from "../page/html.ts";

const alternatives: readonly Format[] = [json, text, healthJson, atom, rss, openMetrics];

/** Every format, in the order of preference between those that a caller likes equally; the last ones only by `?format=`. */
export const formats: readonly Format[] = [htmlFormat(alternatives), ...alternatives, badge, shields, events];
