import { isClosing, type Notice } from "../notice.ts";

/** The colour beside a notice, as `#rrggbb`. */
export function colourOf(notice: Notice): string {
  if (notice.cause === "test") return "#0969da";
  if (notice.cause === "removed") return "#6e7781";
  if (isClosing(notice)) return "#1a7f37";
  switch (notice.state) {
    case "unhealthy":
      return "#cf222e";
    case "degraded":
      return "#bf8700";
    default:
      return "#6e7781";
  }
}

/** A mark that says without colour what kind of notice it is. */
export function markOf(notice: Notice): string {
  if (notice.cause === "test") return "ℹ️";
  if (notice.cause === "removed") return "➖";
  if (isClosing(notice)) return "✅";
  switch (notice.state) {
    case "unhealthy":
      return "❌";
    case "degraded":
      return "⚠️";
    default:
      return "❔";
  }
}
