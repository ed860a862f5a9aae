// Tells threads that a test starts which change is being tried: Stryker's own variable, which each of them gets a copy of.

const { __stryker__: stryker } = globalThis as { readonly __stryker__?: { readonly activeMutant?: string } };
if (stryker?.activeMutant !== undefined) process.env.__STRYKER_ACTIVE_MUTANT__ = stryker.activeMutant;
