import { describe, expect, it, vi } from "vitest";
import { AnswerMemory } from "../../../src/server/endpoints/answer-memory.ts";

const keeper = () => ({ forget: vi.fn() });

describe("AnswerMemory", () => {
  it("makes those forget first that have made no answer for longest", () => {
    const memory = new AnswerMemory(100);
    const [first, second, third] = [keeper(), keeper(), keeper()];
    memory.keep(first, 40);
    memory.keep(second, 40);
    memory.keep(first, 10);
    memory.keep(third, 40);
    expect(second.forget).toHaveBeenCalledOnce();
    expect(first.forget).not.toHaveBeenCalled();
    expect(memory.bytes).toBe(90);
  });

  it("keeps an answer that is larger than all may be, alone", () => {
    const memory = new AnswerMemory(100);
    const [small, large] = [keeper(), keeper()];
    memory.keep(small, 1);
    memory.keep(large, 1000);
    expect(small.forget).toHaveBeenCalledOnce();
    expect(large.forget).not.toHaveBeenCalled();
    expect(memory.bytes).toBe(1000);
  });

  it("counts what is let go of no more", () => {
    const memory = new AnswerMemory(100);
    const [first, second] = [keeper(), keeper()];
    memory.keep(first, 90);
    memory.release(first);
    memory.keep(second, 90);
    expect(first.forget).not.toHaveBeenCalled();
    expect(memory.bytes).toBe(90);
  });

  it("may be filled to the last byte", () => {
    const memory = new AnswerMemory(100);
    const [first, second, third] = [keeper(), keeper(), keeper()];
    memory.keep(first, 60);
    memory.keep(second, 40);
    expect(first.forget).not.toHaveBeenCalled();
    memory.keep(third, 1);
    expect(first.forget).toHaveBeenCalledOnce();
    expect(second.forget).not.toHaveBeenCalled();
    expect(memory.bytes).toBe(41);
  });

  it("counts what is let go of once, and nothing of who has kept nothing", () => {
    const memory = new AnswerMemory(100);
    const [first, second] = [keeper(), keeper()];
    memory.keep(first, 60);
    memory.keep(second, 10);
    memory.release(keeper());
    memory.release(first);
    memory.release(first);
    expect(memory.bytes).toBe(10);
  });
});
