/** The answers of the upstream: always the same bytes, so that it costs next to nothing. */

const CHUNKS = 64;
const HEAD = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'meta-llama/Llama-3.1-8B-Instruct' };
const USAGE = { prompt_tokens: 512, total_tokens: 576, completion_tokens: 64 };
const TEXT = 'The quick answer is that it depends on how the parts are put together. '.repeat(4);

/** The body of an answer that is not streamed. */
export const PLAIN_TEXT: string = JSON.stringify({
  ...{ ...HEAD, object: 'chat.completion' },
  choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, logprobs: null, finish_reason: 'stop' }],
  usage: USAGE,
});
export const PLAIN_ANSWER: Buffer = answer('application/json', PLAIN_TEXT);

/** The head, then one piece per event; each is written by itself. */
export const STREAMED_ANSWER: readonly Buffer[] = [
  Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'),
  ...Array.from({ length: CHUNKS }, (_item, index) => event([choice({ content: ` word${index}` })])),
  event([{ ...choice({}), finish_reason: 'stop' }]),
  event([], USAGE),
  chunk('data: [DONE]\n\n'),
  Buffer.from('0\r\n\r\n'),
];

/** What a scraper reads: an engine that has nothing to do. */
export const METRICS_TEXT: string = [
  ['vllm:num_requests_running', 0],
  ['vllm:num_requests_waiting', 0],
  ['vllm:kv_cache_usage_perc', 0.1],
  ['process_start_time_seconds', 1],
]
  .map(([name, value]) => `# TYPE ${name} gauge\n${name} ${value}\n`)
  .join('');
export const METRICS_ANSWER: Buffer = answer('text/plain', METRICS_TEXT);

function answer(type: string, body: string): Buffer {
  const length = Buffer.byteLength(body);
  return Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n${body}`);
}

function choice(delta: object) {
  return { index: 0, delta, logprobs: null, finish_reason: null };
}

function event(choices: readonly object[], usage?: object): Buffer {
  const body = { ...HEAD, object: 'chat.completion.chunk', choices, ...(usage === undefined ? {} : { usage }) };
  return chunk(`data: ${JSON.stringify(body)}\n\n`);
}

function chunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}
