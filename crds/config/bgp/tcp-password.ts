/** TCP_MD5SIG_MAXKEYLEN: Linux takes no longer key. RFC 2385 §4.5 asks for at least that many. */
const mostOctets = 80;

/** What keeps a value of so many octets from being a TCP MD5 password; undefined: nothing does. */
export function passwordProblem(octets: number): string | undefined {
  return octets > mostOctets ? `the password has ${octets} octets: TCP MD5 takes at most ${mostOctets}` : undefined;
}
