/** The response codes that say more than that something failed (RFC 1035, section 4.1.1). */
export const responseCodes = { noError: 0, formatError: 1, nameError: 3 } as const;
