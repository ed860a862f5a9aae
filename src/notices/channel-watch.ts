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
import type { ChannelQueue } from "./delivery/channel-queue.ts";
import { documentIds } from "./documents.ts";
import { makeRemoval } from "./make-notice.ts";
import type { Notice } from "./notice.ts";
import type { Outbox } from "./outbox.ts";

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

/** What one channel has been told of which checks, and what it is to be told next. */
export class ChannelWatch {
  #channel: Channel;
  #rules: Rules;
  readonly queue: ChannelQueue;
  readonly #outbox: Outbox;
  readonly #follows = new Map<string, Follow>();
  /** When the service is told again of what lasts, on the monotonic clock. */
  #renewAt = Number.NEGATIVE_INFINITY;
  /** Since when changes gather, on the monotonic clock; undefined when there are none. */
  #gatheringSince: number | undefined;

  constructor(channel: Channel, queue: ChannelQueue, outbox: Outbox, told: ReadonlyMap<string, Told> = new Map()) {
    this.#channel = channel;
    this.#rules = rulesOf(channel);
    this.queue = queue;
    this.#outbox = outbox;
    for (const [check, one] of told) this.#follows.set(check, beginFollow(one.state, one));
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

  /**
   * Tells what is due. Changes gather for a while from the first one that is due.
   * @param monotonicAt on the monotonic clock, in milliseconds
   */
  tick(look: Look, describe: Describe, at: number, monotonicAt: number, gatherMilliseconds: number): void {
    const due: string[] = [];
    for (const [check, follow] of this.#follows) {
      const decision = decide(follow, this.#rules, at);
      if (decision.kind === "forget") this.#end(check, follow, at);
      else if (decision.kind === "tell") due.push(check);
      else if (isOver(follow, this.#rules, at)) this.#follows.delete(check);
    }
    const ready = due.filter((check) => this.#isTrue(check, look, at));
    if (ready.length === 0) this.#gatheringSince = undefined;
    else this.#gatheringSince ??= monotonicAt;
    if (this.#gatheringSince !== undefined && monotonicAt - this.#gatheringSince >= gatherMilliseconds) {
      this.#gatheringSince = undefined;
      this.queue.put(ready.flatMap((check) => this.#tell(check, describe, at)));
    }
    this.#renew(look, describe, at, monotonicAt);
  }

  /** Ends what was told of checks of which the channel is not told any more. */
  release(isTold: (check: string) => boolean, service: string, at: number): void {
    for (const [check, { told }] of this.#follows) {
      if (isTold(check)) continue;
      this.#follows.delete(check);
      this.#outbox.delete(documentIds.told(this.#channel.name, check));
      if (told !== undefined && this.#channel.type.closes) {
        this.queue.put([makeRemoval(check, { service, state: told.state, since: told.since, at })]);
      }
    }
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

  #tell(check: string, describe: Describe, at: number): readonly Notice[] {
    const follow = this.#follows.get(check);
    const decision: Decision = follow === undefined ? { kind: "nothing" } : decide(follow, this.#rules, at);
    if (follow === undefined || decision.kind !== "tell") return [];
    const { cause, since } = decision;
    const next = afterTelling(follow, cause, since, at);
    this.#follows.set(check, next);
    const id = documentIds.told(this.#channel.name, check);
    if (next.told === undefined) this.#outbox.delete(id);
    else this.#outbox.put(id, JSON.stringify(next.told));
    const changes = foldedChanges(follow, at);
    return [describe(check, { cause, since, at, changes, formerState: follow.told?.state })];
  }

  /** The outage is over for this channel, and it is not told so. */
  #end(check: string, follow: Follow, at: number): void {
    this.#follows.set(check, {
      ...afterTelling(follow, "recovered", at, at),
      recent: follow.recent,
      folds: follow.folds,
    });
    this.#outbox.delete(documentIds.told(this.#channel.name, check));
  }

  /** Tells a service that forgets what it is not told again, such as Alertmanager. It is no news, and nothing is kept of it. */
  #renew(look: Look, describe: Describe, at: number, monotonicAt: number): void {
    const { renewMilliseconds } = this.#channel.type;
    if (renewMilliseconds === undefined || monotonicAt < this.#renewAt) return;
    this.#renewAt = monotonicAt + renewMilliseconds;
    const lasting = [...this.#follows].flatMap(([check, { told }]) => {
      // What has just been told need not be told again.
      if (told === undefined || at - told.toldAt < renewMilliseconds / 2 || look(check) === undefined) return [];
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

function rulesOf({ options }: Channel): Rules {
  return {
    on: options.on,
    afterMilliseconds: options.after.milliseconds,
    repeatMilliseconds: options.repeat?.milliseconds,
  };
}
