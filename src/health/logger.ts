/** Where unexpected errors and changes of state are logged; pino's loggers have this interface. */
export interface Logger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
