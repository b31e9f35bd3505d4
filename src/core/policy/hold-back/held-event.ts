import type { Finding } from '../finding.ts';
import { answerTexts } from './answer-texts.ts';
import { type Channel, channelEnd, growChannel, openChannel } from './channel.ts';

import { eventData } from './sse-events.ts';
import type { HeldPiece, HoldBack } from './state.ts';

const DONE = '[DONE]';

/** Puts an event at the end of those that are held, and looks for findings in what it brings. */
export function holdEvent<Denial>(
  before: HoldBack<Denial>,
  bytes: Uint8Array,
): [state: HoldBack<Denial>, found: readonly Finding[]] {
  const { detectors } = before.rules;
  const channels = new Map(before.channels);
  const pieces: HeldPiece[] = [];
  const found: Finding[] = [];
  const grow = (channel: Channel, text: string, isComplete: boolean): Channel => {
    const grown = growChannel(channel, text, detectors, isComplete);
    channels.set(channel.ptr, grown.channel);
    found.push(...grown.findings);
    return grown.channel;
  };
  const data = eventData(bytes);
  const texts = data === undefined ? [] : answerTexts(parsed(data));
  if (data === DONE) {
    // Clients stop reading here, so nothing can go on behind it.
    for (const channel of channels.values()) grow(channel, '', true);
  } else if (texts === undefined) {
    // No chunk of a completion, such as an error: its data is one text of its own.
    const channel = grow(
      openChannel({ ptr: `/events/${before.eventCount}`, choice: 0, isWhole: true }, detectors),
      data ?? '',
      true,
    );
    pieces.push({ ptr: channel.ptr, path: undefined, start: 0, end: channelEnd(channel) });
  } else {
    for (const { ptr, choice, path, text } of texts) {
      const channel = grow(channels.get(ptr) ?? openChannel({ ptr, choice, isWhole: false }, detectors), text, false);
      const end = channelEnd(channel);
      pieces.push({ ptr, path, start: end - text.length, end });
    }
  }
  const held = [...before.held, { bytes, pieces }];
  return [{ ...before, channels, held, eventCount: before.eventCount + 1 }, found];
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return undefined;
  }
}
