/** Chance that repeats itself for the same seed: mulberry32. */
export declare class Chance {
    #private;
    constructor(seed: number);
    /** 0 up to 1. */
    readonly next: () => number;
    /** A whole number below `limit`. */
    below(limit: number): number;
    /** 32 hexadecimal digits. */
    readonly id: () => string;
    /** So many different ones of the list, in any order. */
    some<T>(list: readonly T[], count: number): readonly T[];
}
