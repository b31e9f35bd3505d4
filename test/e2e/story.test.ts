import { expect, test } from 'vitest';
import { STORY } from '../../src/app/demo/story.ts';
import { createNotes } from '../../src/app/demo/story-notes.ts';
import { useGateway } from '../support/gateway.ts';
import { describeWithTool } from '../support/require-tool.ts';

describeWithTool('envoy', 'the story of the demo', () => {
  const gateway = useGateway();
  const notes = createNotes();

  test.each(STORY.map(({ letter, title, run }) => ({ name: `(${letter}) ${title}`, run })))(
    '$name',
    async ({ run }) => {
      const { checks } = await run(gateway(), notes);
      expect(checks.length).toBeGreaterThan(0);
      expect(checks.filter(({ holds }) => !holds)).toEqual([]);
    },
  );
});
