/** The peer's octets are not what the protocol allows. Decoders throw nothing else. */
export class CodecError extends Error {
  /** The structure that was being read, such as `ARP`. */
  readonly protocol: string;
  /** The field in which the fault was found. */
  readonly field: string;
  /** Octet offset of that field inside the octets given to the decoder of `protocol`. */
  readonly offset: number;
  /** What is wrong with that field. */
  readonly problem: string;

  constructor(protocol: string, field: string, offset: number, problem: string) {
    super(`${protocol}: ${field} at octet ${offset}: ${problem}`);
    this.name = "CodecError";
    this.protocol = protocol;
    this.field = field;
    this.offset = offset;
    this.problem = problem;
  }
}
