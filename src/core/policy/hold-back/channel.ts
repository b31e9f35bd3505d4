import type { DetectorName } from '../../ir/guardrail.ts';
import { DETECTORS } from '../detectors/detectors.ts';
import { codePointsBefore, codeUnitOf, type Finding } from '../finding.ts';

/** One text that comes in pieces: a choice's content, its reasoning, the arguments of one tool call. */
export interface Channel {
  readonly ptr: string;
  readonly choice: number;
  /** Whether nothing can follow: the channel is one event's data. */
  readonly isWhole: boolean;
  /** The end of the text so far, from `windowStart` on. Offsets below are code units from the start of the text. */
  readonly window: string;
  readonly windowStart: number;
  /** Code points before the window. */
  readonly pointsBefore: number;
  /** How far each detector is certain, in the order of the detectors. */
  readonly settled: readonly number[];
}

export function openChannel(
  { ptr, choice, isWhole }: Pick<Channel, 'ptr' | 'choice' | 'isWhole'>,
  detectors: readonly DetectorName[],
): Channel {
  return { ptr, choice, isWhole, window: '', windowStart: 0, pointsBefore: 0, settled: detectors.map(() => 0) };
}

export function channelEnd(channel: Channel): number {
  return channel.windowStart + channel.window.length;
}

/** Code points of the text so far. */
export function channelPoints(channel: Channel): number {
  return channel.pointsBefore + codePointsBefore(channel.window, channel.window.length);
}

/** No finding that is still to come begins before this offset. */
export function settledEnd(channel: Channel): number {
  return Math.min(channelEnd(channel), ...channel.settled);
}

/** Appends a piece and looks again from where each detector was certain. */
export function growChannel(
  channel: Channel,
  piece: string,
  detectors: readonly DetectorName[],
  isComplete: boolean,
): { readonly channel: Channel; readonly findings: readonly Finding[] } {
  const window = channel.window + piece;
  const findings: Finding[] = [];
  const settled = detectors.map((detector, index) => {
    const from = (channel.settled[index] ?? 0) - channel.windowStart;
    const { kind, scan } = DETECTORS[detector];
    const scanned = scan(window, from, isComplete);
    for (const { rule, start, end } of scanned.matches) {
      const before = channel.pointsBefore + codePointsBefore(window, start);
      const points = codePointsBefore(window.slice(start, end), end - start);
      findings.push({ detector, rule, kind, ptr: channel.ptr, start: before, end: before + points });
    }
    return scanned.settled + channel.windowStart;
  });
  return { channel: { ...channel, window, settled }, findings };
}

/** Drops what neither a detector nor a held piece, which begins at `keptFrom`, needs any more. */
export function trimChannel(channel: Channel, keptFrom: number): Channel {
  // One character stays before what is not settled: whether a match may begin depends on what stands before it.
  let drop = Math.min(settledEnd(channel) - 1, keptFrom) - channel.windowStart;
  if (isLowSurrogate(channel.window.charCodeAt(drop))) drop -= 1;
  if (drop <= 0) return channel;
  return {
    ...channel,
    window: channel.window.slice(drop),
    windowStart: channel.windowStart + drop,
    pointsBefore: channel.pointsBefore + codePointsBefore(channel.window, drop),
  };
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** The code unit at which a code point of the text begins; undefined when it is before the window. */
export function unitOfPoint(channel: Channel, point: number): number | undefined {
  if (point < channel.pointsBefore) return undefined;
  return channel.windowStart + codeUnitOf(channel.window, point - channel.pointsBefore);
}
