/** What people look for when they look for a check, in the order in which lists show it. */
export const checkGroups = {
  host: "This machine, its containers, and this process.",
  network: "Servers and names on the network.",
  data: "Databases, caches and directories.",
  messaging: "Message brokers and queues of jobs.",
  mail: "Mail servers.",
  storage: "Files, folders and objects, here and on other machines.",
  providers: "What the providers that you build on say of themselves.",
  code: "Your own program: the clients that it has, the jobs that it runs.",
} as const;

/** One of {@link checkGroups}. */
export type CheckGroup = keyof typeof checkGroups;
