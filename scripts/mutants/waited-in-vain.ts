/** How the message begins of a test that failed because a condition did not come true in time. */
export const waitedInVain = "waited in vain: ";
