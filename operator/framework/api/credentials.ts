/** What it takes to reach the API server, as of now. */
export type Credentials = {
  /** Origin and optional path prefix, without a slash at the end. */
  readonly server: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly insecure: boolean;
  /** Value of the Authorization header. */
  readonly authorization?: string;
};
