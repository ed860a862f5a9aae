import type { LookupAddress } from "node:dns";
import { describe, expect, it, vi } from "vitest";
import { NotKnownYet } from "../../src/health/errors.ts";
import { OwnShortage } from "../../src/health/system-error.ts";
import { type LookupMeans, NameLookups, type Resolve } from "../../src/net/name-lookups.ts";

const address: LookupAddress = { address: "192.0.2.1", family: 4 };
const limits = { maxFound: 2, maxAnswered: 1, maxNew: 2, maxFailing: 1, maxProbed: 1, maxWaitMilliseconds: 1000 };
const all = { family: 0, hints: 0, all: true } as const;

/** A resolver that answers when the test says so. */
function manual() {
  const under: { readonly hostname: string; readonly answer: (error?: NodeJS.ErrnoException) => void }[] = [];
  const resolve: Resolve = (hostname, _options, callback) => {
    under.push({
      hostname,
      answer: (error) => {
        under.splice(
          under.findIndex((lookup) => lookup.hostname === hostname),
          1,
        );
        if (error === undefined) callback(null, [address]);
        else callback(error, undefined as unknown as LookupAddress[]); // As Node does.
      },
    });
  };
  const answer = (hostname: string, error?: NodeJS.ErrnoException): void =>
    under.find((lookup) => lookup.hostname === hostname)?.answer(error);
  return { resolve, answer, names: () => under.map(({ hostname }) => hostname) };
}

function start(means: LookupMeans = {}) {
  const resolver = manual();
  const lookups = new NameLookups({ resolve: resolver.resolve, limits, hasAnswer: async () => false, ...means });
  const outcomes: Record<string, unknown> = {};
  const ask = (hostname: string, as = hostname): void =>
    lookups.resolve(hostname, all, (error, addresses) => {
      outcomes[as] = error ?? addresses;
    });
  /** Makes a name one that was found. */
  const find = (hostname: string): void => {
    ask(hostname);
    resolver.answer(hostname);
  };
  return { ...resolver, lookups, outcomes, ask, find };
}

describe("NameLookups", () => {
  it("do not say that a name was not found when no file could be opened to look it up", () => {
    let shortage: OwnShortage | undefined = new OwnShortage("EMFILE");
    const { ask, answer, outcomes } = start({ shortage: () => shortage });
    const notFound = Object.assign(new Error("not found"), { code: "ENOTFOUND" });
    ask("a.test");
    answer("a.test", notFound);
    expect(outcomes["a.test"]).toBe(shortage);
    shortage = undefined;
    ask("a.test");
    answer("a.test", notFound);
    expect(outcomes["a.test"]).toBe(notFound);
  });

  it("share one lookup between all who want the same name at the same time, and ask anew afterwards", () => {
    const { ask, names, answer, outcomes } = start();
    ask("a.test", "first");
    ask("a.test", "second");
    expect(names()).toEqual(["a.test"]);
    answer("a.test");
    expect(outcomes).toEqual({ first: [address], second: [address] });
    ask("a.test");
    expect(names()).toEqual(["a.test"]);
  });

  it("look up a name that was found, however many others get no answer", () => {
    const { ask, find, names, answer, outcomes } = start();
    find("good.test");
    for (const name of ["silent1.test", "silent2.test", "silent3.test"]) ask(name);
    ask("good.test");
    expect(names()).toEqual(["silent1.test", "silent2.test", "good.test"]);
    answer("good.test");
    expect(outcomes["good.test"]).toEqual([address]);
  });

  it("let a name whose server answers overtake those that get no answer, whether they were found before or never", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { ask, find, names, answer, outcomes } = start({ hasAnswer: async (name) => name.startsWith("good") });
      for (const name of ["silent3.test", "silent4.test", "good2.test"]) find(name);
      for (const name of ["silent1.test", "silent2.test", "silent5.test", "good1.test", "good3.test"]) ask(name);
      for (const name of ["silent3.test", "silent4.test", "good2.test"]) ask(name);
      const silent = ["silent1.test", "silent2.test", "silent3.test", "silent4.test"];
      expect(names()).toEqual(silent);
      await vi.advanceTimersByTimeAsync(100);
      for (const name of ["good1.test", "good3.test", "good2.test"]) {
        expect(names()).toEqual([...silent, name]);
        answer(name);
        expect(outcomes[name]).toEqual([address]);
      }
      expect(names()).toEqual(silent);
      await vi.advanceTimersByTimeAsync(900);
      expect(outcomes["silent5.test"]).toBeInstanceOf(NotKnownYet);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("do not ask about a name that has found its turn, and ignore an answer that comes too late", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const late = Promise.withResolvers<boolean>();
      const hasAnswer = vi.fn(() => late.promise);
      const { ask, names, answer, outcomes } = start({ hasAnswer });
      for (const name of ["silent1.test", "silent2.test", "late.test"]) ask(name);
      await vi.advanceTimersByTimeAsync(100);
      expect(hasAnswer).toHaveBeenCalledExactlyOnceWith("late.test");
      await vi.advanceTimersByTimeAsync(900);
      late.resolve(true);
      await late.promise;
      expect(outcomes["late.test"]).toBeInstanceOf(NotKnownYet);
      ask("next.test");
      answer("silent1.test");
      await vi.advanceTimersByTimeAsync(100);
      expect(names()).toEqual(["silent2.test", "next.test"]);
      expect(hasAnswer).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
  });

  it("let names that failed wait for one another, and not new ones for them", () => {
    const { ask, names, answer } = start();
    for (const name of ["lost1.test", "lost2.test"]) {
      ask(name);
      answer(name, Object.assign(new Error("getaddrinfo EAI_AGAIN"), { code: "EAI_AGAIN" }));
    }
    ask("lost1.test");
    ask("lost2.test");
    ask("new.test");
    expect(names()).toEqual(["lost1.test", "new.test"]);
    answer("lost1.test", new Error("getaddrinfo EAI_AGAIN"));
    expect(names()).toEqual(["new.test", "lost2.test"]);
  });

  it("take a name that was found slowly for one that fails", () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    try {
      const { ask, names, answer } = start();
      for (const name of ["slow1.test", "slow2.test"]) ask(name);
      vi.advanceTimersByTime(600);
      for (const name of ["slow1.test", "slow2.test"]) answer(name);
      for (const name of ["slow1.test", "slow2.test"]) ask(name);
      expect(names()).toEqual(["slow1.test"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("say that nothing is known of a name that waited for its turn too long", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { ask, names, answer, outcomes } = start();
      for (const name of ["silent1.test", "silent2.test", "late.test"]) ask(name);
      vi.advanceTimersByTime(1000);
      expect(outcomes["late.test"]).toBeInstanceOf(NotKnownYet);
      answer("silent1.test");
      expect(names()).toEqual(["silent2.test"]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("wait for a lookup that has begun after its turn came, however long that takes", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { ask, answer, outcomes } = start();
      for (const name of ["silent1.test", "silent2.test", "late.test", "later.test"]) ask(name);
      vi.advanceTimersByTime(900);
      answer("silent1.test");
      vi.advanceTimersByTime(900);
      expect(outcomes["late.test"]).toBeUndefined();
      expect(outcomes["later.test"]).toBeInstanceOf(NotKnownYet);
      answer("late.test");
      expect(outcomes["late.test"]).toEqual([address]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("give the targets of probes places of their own", () => {
    const { lookups, ask, names } = start();
    for (const name of ["probed1.test", "probed2.test"]) lookups.resolveProbed(name, all, () => {});
    ask("new.test");
    expect(names()).toEqual(["probed1.test", "new.test"]);
  });

  it("pass on what Node throws for a name that cannot be one", () => {
    const lookups = new NameLookups({
      resolve() {
        throw new TypeError("no name");
      },
    });
    const callback = vi.fn();
    lookups.resolve("", all, callback);
    expect(callback).toHaveBeenCalledExactlyOnceWith(expect.any(TypeError), []);
  });

  it("forget the oldest of very many names", () => {
    const { find, ask, names } = start();
    find("first.test");
    for (let index = 0; index < 10_000; index += 1) find(`name${index}.test`);
    for (const name of ["new1.test", "new2.test", "first.test"]) ask(name);
    expect(names()).toEqual(["new1.test", "new2.test"]);
  });

  it("find the machine's own name for net.connect, with one address or with all", async () => {
    const { lookup } = new NameLookups();
    const one = await new Promise((resolve) => lookup("localhost", { family: 4 }, (...answer) => resolve(answer)));
    expect(one).toEqual([null, "127.0.0.1", 4]);
    const every = await new Promise((resolve) => lookup("localhost", { all: true }, (_, found) => resolve(found)));
    expect(every).toContainEqual({ address: "127.0.0.1", family: 4 });
  });
});
