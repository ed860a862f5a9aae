import { type Markup, markup } from "../formats/markup.ts";
import type { State } from "../health/state.ts";

/** States from the most to the least urgent. */
export const statesByUrgency = ["unhealthy", "degraded", "unknown", "skipped", "healthy"] as const satisfies State[];

/** What a page calls each state. */
export const stateWords = {
  healthy: "Healthy",
  degraded: "Degraded",
  unhealthy: "Unhealthy",
  unknown: "Unknown",
  skipped: "Skipped",
} as const satisfies Record<State, string>;

/** Each state has its own shape, so that colour is not needed to tell them apart; `mark` is drawn on the shape. */
const shapes = {
  healthy: { outline: "M8 .5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15z", mark: "m4.7 8.3 2.3 2.3 4.3-4.9" },
  degraded: {
    outline: "M6.7 1.6.6 12.6A1.5 1.5 0 0 0 1.9 15h12.2a1.5 1.5 0 0 0 1.3-2.4L9.3 1.6a1.5 1.5 0 0 0-2.6 0z",
    mark: "M8 5.4v4M8 12.1v.1",
  },
  unhealthy: {
    outline: "M5.2.7h5.6l4.5 4.5v5.6l-4.5 4.5H5.2L.7 10.8V5.2z",
    mark: "m5.4 5.4 5.2 5.2M10.6 5.4l-5.2 5.2",
  },
  unknown: {
    outline: "M4 1h8a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3H4a3 3 0 0 1-3-3V4a3 3 0 0 1 3-3z",
    mark: "M6.1 6.1a1.9 1.9 0 1 1 2.9 1.7c-.7.4-1 .8-1 1.5M8 11.9v.1",
  },
  skipped: { outline: "M8 .5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15z", mark: "M5 8h6" },
} as const satisfies Record<State, { readonly outline: string; readonly mark: string }>;

/** Defines the icons that {@link icon} refers to, once per page. */
export const iconDefinitions: Markup = markup`<svg xmlns="http://www.w3.org/2000/svg" class="definitions" aria-hidden="true">${statesByUrgency.map(
  (state) =>
    markup`<symbol id="${state}" viewBox="0 0 16 16"><path fill="currentColor" d="${shapes[state].outline}"/><path class="mark" d="${shapes[state].mark}"/></symbol>`,
)}</svg>`;

/** The icon of a state, to stand next to its name. */
export function icon(state: State): Markup {
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="icon" aria-hidden="true"><use href="#${state}"/></svg>`;
}

/** The name of a state with its icon. */
export function badge(state: State): Markup {
  return markup`<span class="badge ${state}">${icon(state)} ${stateWords[state]}</span>`;
}

/** The colours of {@link favicon}, for light and dark browser tabs. */
const faviconColours = {
  healthy: "#1a9550",
  degraded: "#d18200",
  unhealthy: "#d9362b",
  unknown: "#7a8493",
  skipped: "#6b76cf",
} as const satisfies Record<State, string>;

/** The icon of the browser tab for a state. */
export function favicon(state: State): string {
  const { outline, mark } = shapes[state];
  const stroke = markup`fill="none" stroke="#fff" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round"`;
  const image = markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="${faviconColours[state]}" d="${outline}"/><path ${stroke} d="${mark}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(image.toString())}`;
}
