import type { Channel } from "./channel.ts";
import {
  afterTelling,
  beginFollow,
  type Decision,
  decide,
  type Finding,
  type Follow,
  foldedChanges,
  isOver,
  observe,
  quieten,
  type Rules,
  type Told,
} from "./deciding/follow.ts";
import { rulesOf } from "./deciding/rules-of.ts";
import type { ChannelQueue } from "./delivery/channel-queue.ts";
import { documentIds } from "./documents.ts";
import { makeRemoval } from "./make-notice.ts";
import { isClosing, type Notice } from "./notice.ts";
import type { Outbox } from "./outbox.ts";
import type { SharedTelling } from "./shared-telling.ts";

/** What is known of a check at the moment at which a channel may be told of it. */
export interface Situation extends Finding {
  /** Nothing is told for the moment: it is in maintenance, or waits for another check. */
  readonly isQuiet: boolean;
}

/** Asks for what is known now of a check; undefined when there is no such check any more. */
export type Look = (check: string) => Situation | undefined;

/** Makes the notice that is told of a check. */
export type Describe = (
  check: string,
  facts: Pick<Notice, "cause" | "since" | "at" | "changes" | "formerState">,
) => Notice;

/** What was told of a shared check that is gone is ended after this time: other replicas may still have the check. */
const leftMilliseconds = 60_000;

/** A notice that is to be sent once it has been claimed. */
interface Telling {
  readonly notice: Notice;
  readonly before: Follow;
  readonly next: Follow;
}

/** What one channel has been told of which checks, and what it is to be told next. */
export class ChannelWatch {
  #channel: Channel;
  #rules: Rules;
  readonly queue: ChannelQueue;
  readonly #outbox: Outbox;
  readonly #sharing: SharedTelling | undefined;
  readonly #follows = new Map<string, Follow>();
  /** Since when shared checks are none of which the channel is told, in milliseconds since the epoch. */
  readonly #leftAt = new Map<string, number>();
  #claiming: Promise<unknown> = Promise.resolve();
  /** When the service is told again of what lasts, on the monotonic clock. */
  #renewAt = Number.NEGATIVE_INFINITY;
  /** Since when changes gather, on the monotonic clock; undefined when there are none. */
  #gatheringSince: number | undefined;

  /** @param sharing when several replicas tell together */
  constructor(
    channel: Channel,
    queue: ChannelQueue,
    outbox: Outbox,
    told: ReadonlyMap<string, Told> = new Map(),
    sharing?: SharedTelling,
  ) {
    this.#channel = channel;
    this.#sharing = sharing;
    this.#rules = rulesOf(channel);
    this.queue = queue;
    this.#outbox = outbox;
    for (const [check, one] of told) this.#follows.set(check, beginFollow(one.state, one));
    for (const [check, one] of sharing?.toldTo(channel.name) ?? []) this.hear(check, one, one.toldAt);
  }

  get channel(): Channel {
    return this.#channel;
  }

  get isIdle(): boolean {
    return this.#follows.size === 0;
  }

  use(channel: Channel): void {
    this.#channel = channel;
    this.#rules = rulesOf(channel);
    this.queue.use(channel);
  }

  /** Takes the state of a check. */
  note(check: string, finding: Finding): void {
    const known = this.#follows.get(check);
    if (known === undefined && finding.state === "healthy") return;
    this.#follows.set(check, observe(known ?? beginFollow(finding.state), finding, this.#rules));
  }

  /** Takes what another replica has told the channel of a check; undefined: that its outage is over. */
  hear(check: string, told: Told | undefined, at: number): void {
    const known = this.#follows.get(check) ?? (told && beginFollow(told.state, told));
    if (known === undefined) return;
    const cause = told === undefined ? "recovered" : "failed";
    this.#follows.set(check, { ...afterTelling(known, cause, told?.since ?? at, told?.toldAt ?? at), told });
  }

  /** Sends what another replica could not, unless that is over by now. */
  adopt(notice: Notice): void {
    const isOpen = this.#follows.get(notice.check)?.told !== undefined;
    const isOver = this.#isShared(notice.check) && isOpen === isClosing(notice);
    if (!isOver) this.queue.adopt(notice);
  }

  /** Resolves when what was due has been claimed, and has been sent as far as that is possible now. */
  async settled(): Promise<void> {
    await this.#claiming;
    await this.queue.settled();
  }

  /** Ends what is being sent. What was not sent is left to other replicas, or else stays in the outbox. */
  async close(): Promise<void> {
    await this.queue.close();
    const sharing = this.#sharing;
    if (sharing !== undefined) await this.queue.giveAway((notice) => sharing.leave(this.#channel.name, notice));
  }

  /**
   * Tells what is due. Changes gather for a while from the first one that is due.
   * @param monotonicAt on the monotonic clock, in milliseconds
   */
  tick(look: Look, describe: Describe, at: number, monotonicAt: number, gatherMilliseconds: number): void {
    const due: string[] = [];
    for (const [check, follow] of this.#follows) {
      const decision = this.#isOurs(check) ? decide(follow, this.#rules, at) : ({ kind: "nothing" } as const);
      if (decision.kind === "forget") this.#end(check, follow, at);
      else if (decision.kind === "tell") due.push(check);
      else if (isOver(follow, this.#rules, at)) this.#follows.delete(check);
    }
    const ready = due.filter((check) => this.#isTrue(check, look, at));
    if (ready.length === 0) this.#gatheringSince = undefined;
    else this.#gatheringSince ??= monotonicAt;
    if (this.#gatheringSince !== undefined && monotonicAt - this.#gatheringSince >= gatherMilliseconds) {
      this.#gatheringSince = undefined;
      this.#send(ready.flatMap((check) => this.#tell(check, describe, at) ?? []));
    }
    this.#renew(look, describe, at, monotonicAt);
  }

  /** Ends what was told of checks of which the channel is told no more; of shared ones for so many milliseconds. */
  release(isTold: (check: string) => boolean, service: string, at: number, leftFor = leftMilliseconds): void {
    for (const [check, { told }] of this.#follows) {
      if (isTold(check)) {
        this.#leftAt.delete(check);
        continue;
      }
      const removal =
        told === undefined || !this.#channel.type.closes
          ? []
          : [makeRemoval(check, { service, state: told.state, since: told.since, at })];
      if (told !== undefined && this.#isShared(check)) {
        this.#leave(check, removal, at, leftFor);
        continue;
      }
      this.#follows.delete(check);
      this.#outbox.delete(documentIds.told(this.#channel.name, check));
      if (removal.length > 0) this.queue.put(removal);
    }
  }

  /** The replica that holds the shard of a check that nobody knows any more ends its outage. */
  #leave(check: string, removal: readonly Notice[], at: number, leftFor: number): void {
    const leftAt = this.#leftAt.get(check) ?? at;
    this.#leftAt.set(check, leftAt);
    if (at - leftAt < leftFor || !this.#isOurs(check)) return;
    this.#claim(async (sharing) => {
      if (!(await sharing.claim(this.#channel.name, check, undefined))) return;
      this.#follows.delete(check);
      this.#leftAt.delete(check);
      this.queue.put(removal);
    });
  }

  #isShared(check: string): boolean {
    return this.#sharing?.isShared(check) === true;
  }

  #isOurs(check: string): boolean {
    return this.#sharing === undefined || !this.#isShared(check) || this.#sharing.tells(check);
  }

  /** Sends notices, those of shared checks once all replicas know of them. */
  #send(tellings: readonly Telling[]): void {
    const own = tellings.filter(({ notice: { check } }) => !this.#isShared(check));
    for (const { notice, next } of own) {
      const id = documentIds.told(this.#channel.name, notice.check);
      if (next.told === undefined) this.#outbox.delete(id);
      else this.#outbox.put(id, JSON.stringify(next.told));
    }
    const shared = tellings.filter((telling) => !own.includes(telling));
    if (shared.length === 0) {
      this.queue.put(own.map(({ notice }) => notice));
      return;
    }
    this.#claim(async (sharing) => {
      const claims = shared.map(({ notice, next }) => sharing.claim(this.#channel.name, notice.check, next.told));
      const answers = await Promise.allSettled(claims);
      const isClaimed = (index: number): boolean => {
        const answer = answers[index];
        return answer?.status === "fulfilled" && answer.value;
      };
      for (const telling of shared.filter((_, index) => !isClaimed(index))) this.#takeBack(telling);
      const claimed = shared.filter((_, index) => isClaimed(index));
      this.queue.put([...own, ...claimed].map(({ notice }) => notice));
    });
  }

  /** One after the other. What could not be claimed is due again, here or where the check runs now. */
  #claim(claiming: (sharing: SharedTelling) => Promise<void>): void {
    const sharing = this.#sharing;
    if (sharing === undefined) return;
    this.#claiming = this.#claiming.then(() => claiming(sharing)).catch(() => {}); // There is no connection; that has been logged.
  }

  /** The channel has not been told after all. */
  #takeBack({ notice: { check }, before, next }: Telling): void {
    const present = this.#follows.get(check);
    if (present === undefined || present === next) {
      this.#follows.set(check, before);
      return;
    }
    const { told, recent, folds, firstChangeAt } = before;
    // Another replica may have told it meanwhile.
    if (present.told !== next.told) return;
    const changes = before.changes + present.changes;
    this.#follows.set(check, { ...present, told, recent, folds, changes, firstChangeAt });
  }

  /** Looks at the check once more: since the state was taken a maintenance may have begun, or the result have become too old. */
  #isTrue(check: string, look: Look, at: number): boolean {
    const follow = this.#follows.get(check);
    const situation = look(check);
    if (follow === undefined || situation === undefined) return false;
    if (situation.isQuiet) {
      this.#follows.set(check, quieten(follow));
      return false;
    }
    const present = observe(follow, { ...situation, since: follow.failingSince ?? at }, this.#rules);
    this.#follows.set(check, present);
    return decide(present, this.#rules, at).kind === "tell";
  }

  #tell(check: string, describe: Describe, at: number): Telling | undefined {
    const before = this.#follows.get(check);
    const decision: Decision = before === undefined ? { kind: "nothing" } : decide(before, this.#rules, at);
    if (before === undefined || decision.kind !== "tell") return undefined;
    const { cause, since } = decision;
    const next = afterTelling(before, cause, since, at);
    this.#follows.set(check, next);
    const changes = foldedChanges(before, at);
    const notice = describe(check, { cause, since, at, changes, formerState: before.told?.state });
    return { notice, before, next };
  }

  /** The outage is over for this channel, and it is not told so. */
  #end(check: string, follow: Follow, at: number): void {
    this.#follows.set(check, {
      ...afterTelling(follow, "recovered", at, at),
      recent: follow.recent,
      folds: follow.folds,
    });
    if (!this.#isShared(check)) this.#outbox.delete(documentIds.told(this.#channel.name, check));
    // Who did not hear of it ends it when it takes the check over.
    else this.#claim(async (sharing) => void (await sharing.claim(this.#channel.name, check, undefined)));
  }

  /** Tells a service that forgets what it is not told again, such as Alertmanager. It is no news, and nothing is kept of it. */
  #renew(look: Look, describe: Describe, at: number, monotonicAt: number): void {
    const { renewMilliseconds } = this.#channel.type;
    if (renewMilliseconds === undefined || monotonicAt < this.#renewAt) return;
    this.#renewAt = monotonicAt + renewMilliseconds;
    const lasting = [...this.#follows].flatMap(([check, { told }]) => {
      // What has just been told need not be told again.
      if (told === undefined || at - told.toldAt < renewMilliseconds / 2 || look(check) === undefined) return [];
      if (!this.#isOurs(check)) return [];
      return [
        {
          ...describe(check, { cause: "lasts", since: told.since, at, changes: undefined, formerState: undefined }),
          state: told.state,
        },
      ];
    });
    if (lasting.length > 0) this.queue.put(lasting);
  }
}
