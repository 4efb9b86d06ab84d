/** What the election knows of the other speakers. A value; every source of membership produces it. */
export type Members = {
  /** Names of the nodes whose speaker is alive, own node included while it may announce. */
  readonly alive: ReadonlySet<string>;
  /** False until the first answer: nothing is announced before. */
  readonly joined: boolean;
};
