import os from "node:os";
import { afterEach, describe, expect, it, vi } from "vitest";
import { systemUser } from "../../src/host/system-user.ts";

vi.mock("node:os", { spy: true });

describe("systemUser", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("is the name of the user that runs this process", () => {
    expect(systemUser()).toBe(os.userInfo().username);
  });

  it("is undefined for a user who has a number only", () => {
    vi.mocked(os.userInfo).mockImplementation(() => {
      throw new Error("ENOENT");
    });
    expect(systemUser()).toBeUndefined();
  });
});
