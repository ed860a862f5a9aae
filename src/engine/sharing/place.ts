import { hash } from "node:crypto";

/**
 * The earliest and the latest next turn of a check that is not at its place, in intervals from the present one. What it finds then counts
 * half a second later, and must do so before one and a half intervals have passed.
 */
const nearest = 0.5;
const farthest = 1.3;

/** Where in its interval a check runs, from 0 to 1: by its name alone, so that it keeps its place whoever runs it. */
export function placeOf(name: string): number {
  return hash("sha256", `place of ${name}`, "buffer").readUInt32BE(0) / 2 ** 32;
}

/**
 * When a check is due next. One that is not at its place comes back to it by steps that are neither too short nor so long that its
 * result grows too old. All in milliseconds since the epoch.
 */
export function nextTurn(now: number, interval: number, place: number): number {
  const earliest = now + nearest * interval;
  const ahead = (((place * interval - earliest) % interval) + interval) % interval;
  return Math.min(earliest + ahead, now + farthest * interval);
}
