import { vi } from "vitest";
import { waitedInVain } from "./waited-in-vain.ts";

// The failure of a test says when it comes from waiting: the machine may have been too busy.

const { waitFor } = vi;
vi.waitFor = async (callback, options) => {
  try {
    return await waitFor(callback, options);
  } catch (error) {
    if (error instanceof Error) error.message = `${waitedInVain}${error.message}`;
    throw error;
  }
};
