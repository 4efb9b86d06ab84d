/** Milliseconds for which the main thread may stand still without losing its voice. */
export const muteAfterMs = 1500;

/**
 * The main thread's own guard. Whoever stood still may have lost its addresses to another node meanwhile, so it says
 * nothing until the mind has affirmed the intent anew; nor does one whose mind stands still while others took them.
 */
export type MuteState = {
  readonly muted: boolean;
  /** Milliseconds of the monotonic clock at which this thread last ran. */
  readonly lastAt: number;
  /** Counts the stand-stills; an affirmation of an earlier one is not valid. */
  readonly epoch: number;
};

/**
 * awake: the thread runs, sent by the tick and before every answer. handed-over: others have taken this node's addresses, since
 * its mind stands still. affirmed: the mind sent the whole intent for `epoch`.
 */
export type MuteEvent =
  | { readonly type: "awake"; readonly now: number }
  | { readonly type: "handed-over" }
  | { readonly type: "affirmed"; readonly epoch: number };

/** ask-affirmation: the mind is to answer with the whole intent and this epoch. speak: announce everything anew. */
export type MuteEffect = { readonly type: "ask-affirmation"; readonly epoch: number } | { readonly type: "speak" };

export type MuteTransition = { readonly state: MuteState; readonly effects: readonly MuteEffect[] };

export function initialMute(now: number): MuteState {
  return { muted: false, lastAt: now, epoch: 0 };
}

/** Total: no clock, no throw. */
export function transitionMute(state: MuteState, event: MuteEvent): MuteTransition {
  switch (event.type) {
    case "awake": {
      if (event.now - state.lastAt <= muteAfterMs) return { state: { ...state, lastAt: event.now }, effects: [] };
      return mute({ ...state, lastAt: event.now });
    }
    case "handed-over":
      return state.muted ? { state, effects: [] } : mute(state);
    case "affirmed": {
      if (!state.muted || event.epoch !== state.epoch) return { state, effects: [] };
      return { state: { ...state, muted: false }, effects: [{ type: "speak" }] };
    }
  }
}

function mute(state: MuteState): MuteTransition {
  const epoch = state.epoch + 1;
  return { state: { ...state, muted: true, epoch }, effects: [{ type: "ask-affirmation", epoch }] };
}

/**
 * For the path of every frame, without allocation: false while muted, and also when the thread has just woken from a
 * stand-still that the tick has not yet noticed.
 */
export function maySpeak(state: MuteState, now: number): boolean {
  return !state.muted && now - state.lastAt <= muteAfterMs;
}
