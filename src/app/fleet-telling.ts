import { randomUUID } from "node:crypto";
import type { HealthMonitor } from "../engine/monitor.ts";
import { isShared } from "../engine/sharing/sharing.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Told } from "../notices/deciding/follow.ts";
import { readNotice, readTold } from "../notices/documents.ts";
import type { Notice } from "../notices/notice.ts";
import type { SharedTelling, TellingListener } from "../notices/shared-telling.ts";

/** Telling together in a fleet: what channels were told is in its Redis. */
export class FleetTelling implements SharedTelling {
  readonly #fleet: Fleet;
  readonly #monitor: HealthMonitor;

  constructor(fleet: Fleet, monitor: HealthMonitor) {
    this.#fleet = fleet;
    this.#monitor = monitor;
  }

  /** One that is not in the configuration any more was: others are never claimed. */
  isShared(name: string): boolean {
    const check = this.#monitor.checks.find((one) => one.name === name);
    return check === undefined || isShared(check);
  }

  tells(name: string): boolean {
    return this.#fleet.lockOf(name) !== undefined;
  }

  toldTo(channel: string): ReadonlyMap<string, Told> {
    return new Map(
      [...this.#fleet.texts.told.all()].flatMap(([id, text]) => {
        const [name, check = ""] = id.split("/");
        const told = name === channel ? readTold(text) : undefined;
        return told === undefined ? [] : [[check, told] as const];
      }),
    );
  }

  async claim(channel: string, check: string, told: Told | undefined): Promise<boolean> {
    const lock = this.#fleet.lockOf(check);
    if (lock === undefined) return false;
    return this.#fleet.texts.told.write(`${channel}/${check}`, told && JSON.stringify(told), lock);
  }

  async leave(channel: string, notice: Notice): Promise<boolean> {
    try {
      return await this.#fleet.texts.unsent.write(`${channel}/${randomUUID()}`, JSON.stringify(notice));
    } catch {
      return false; // The notifier says what was not sent.
    }
  }

  listen(listener: TellingListener): void {
    const { told, unsent } = this.#fleet.texts;
    told.listen(({ id, text, isOwn }) => {
      const [channel = "", check = ""] = id.split("/");
      if (!isOwn) listener.told(channel, check, text === undefined ? undefined : readTold(text));
    });
    unsent.listen(({ id, text, isOwn }) => {
      const [channel = ""] = id.split("/");
      const notice = text === undefined || isOwn ? undefined : readNotice(text);
      if (notice !== undefined) void this.#adopt(listener, id, channel, notice);
    });
  }

  async #adopt(listener: TellingListener, id: string, channel: string, notice: Notice): Promise<void> {
    const isMine = await this.#fleet.texts.unsent.claim(id).catch(() => false);
    if (isMine) listener.adopted(channel, notice);
  }
}
