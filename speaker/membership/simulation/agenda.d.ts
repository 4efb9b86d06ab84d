/** What happens when, in virtual milliseconds: a binary heap. What is due at the same time happens in the order of its adding. */
export declare class Agenda {
    #private;
    get now(): number;
    at(time: number, run: () => void): void;
    /** Lets everything happen that is due until then. */
    runUntil(time: number): void;
}
