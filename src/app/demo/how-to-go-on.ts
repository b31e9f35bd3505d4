import type { DemoStack } from './stack/demo-stack.ts';
import { LAUNCHER } from './stack/headgate-process.ts';

/** What somebody can try while the demo stays up. */
export function howToGoOn(stack: DemoStack): string[] {
  const { proxies, key, repository } = stack;
  const body = `{"model":"chat-small","stream":true,"messages":[{"role":"user","content":"hello"}]}`;
  return [
    'It stays up until Ctrl-C. Ask for a chat:',
    '',
    `  curl -sN ${proxies[0]?.url}/v1/chat/completions \\`,
    `    -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -i \\`,
    `    -d '${body}'`,
    '',
    'Ask why it was decided so (the id is in the answer’s header headgate-decision):',
    '',
    `  export HEADGATE_SERVER=${stack.adminUrl()}`,
    `  ${LAUNCHER} explain ID`,
    `  ${LAUNCHER} status`,
    '',
    'Change the routing: edit a file, commit it, and see what came of it:',
    '',
    `  cd ${repository.path}`,
    '  $EDITOR routes/chat.yaml && git commit -am "my change"',
    `  ${LAUNCHER} reconcile   # or wait two seconds`,
    '',
  ];
}
