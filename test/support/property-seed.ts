/** Lets the property tests try again what they tried when they failed: fast-check prints the seed of each failure. */
if (process.env.PROPERTY_SEED !== undefined) {
  const { configureGlobal } = await import("fast-check");
  configureGlobal({ seed: Number(process.env.PROPERTY_SEED) });
}
