/** The characters of a method or of the name of a field (RFC 9110, section 5.6.2). */
export const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The value of a field (RFC 9110, section 5.5): no control characters but the tab, nothing beyond Latin-1. */
export const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
