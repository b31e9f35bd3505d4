import { Agent, request as httpRequest } from 'node:http';

/** What is asked again and again. */
export interface Question {
  readonly url: string;
  readonly key: string;
  readonly body: { readonly stream?: boolean; readonly [name: string]: unknown };
}

export interface TrafficOptions {
  /** The proxies, in turn. */
  readonly urls: readonly string[];
  readonly key: string;
  /** Requests a second, whether answers come or not. */
  readonly perSecond: number;
  /** Long streams that are open at every moment. */
  readonly streams: number;
  readonly makeBody: (index: number) => Question['body'];
  readonly longBody: Question['body'];
  /** Called at once when a request fails. */
  readonly onFailure: (failure: string) => void;
}

export interface TrafficReport {
  readonly requests: number;
  readonly streams: number;
  /** What went wrong, one line each. */
  readonly failures: readonly string[];
}

/** Asks all the time; `stop` lets what is open end. */
export interface SteadyTraffic {
  readonly stop: () => Promise<TrafficReport>;
}

/** Nothing that the soak asks takes as long: whatever does, hangs. */
const ANSWER_MS_MAX = 60_000;

export function startSteadyTraffic(options: TrafficOptions): SteadyTraffic {
  const agent = new Agent({ keepAlive: true });
  const failures: string[] = [];
  const open = new Set<Promise<void>>();
  const counts = { requests: 0, streams: 0 };
  let isStopped = false;
  const urlOf = (index: number) => options.urls[index % options.urls.length] ?? '';
  const send = async (what: string, question: Question): Promise<void> => {
    const asked = ask(question, agent).then((failure) => {
      if (failure === undefined) return;
      failures.push(`${what} to ${question.url}: ${failure}`);
      options.onFailure(failures.at(-1) ?? '');
    });
    open.add(asked);
    await asked;
    open.delete(asked);
  };
  const timer = setInterval(() => {
    const index = counts.requests;
    counts.requests += 1;
    void send('request', { url: urlOf(index), key: options.key, body: options.makeBody(index) });
  }, 1_000 / options.perSecond);
  const keepStream = async (lane: number): Promise<void> => {
    while (!isStopped) {
      const index = counts.streams;
      counts.streams += 1;
      await send('stream', { url: urlOf(lane + index), key: options.key, body: options.longBody });
    }
  };
  const lanes = Array.from({ length: options.streams }, (_item, lane) => keepStream(lane));
  return {
    stop: async () => {
      isStopped = true;
      clearInterval(timer);
      await Promise.all([...lanes, ...open]);
      agent.destroy();
      return { ...counts, failures };
    },
  };
}

/** Asks once; gives what went wrong, undefined for a whole answer of status 200. */
function ask({ url, key, body }: Question, agent: Agent): Promise<string | undefined> {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const after = () => `after ${Math.round(performance.now() - startedMs)} ms`;
    const request = httpRequest(`${url}/v1/chat/completions`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    });
    const timer = setTimeout(() => {
      resolve(`no whole answer ${after()}`);
      request.destroy();
    }, ANSWER_MS_MAX);
    const end = (failure: string | undefined) => {
      clearTimeout(timer);
      resolve(failure);
    };
    request.on('error', (error) => end(`${error.message} ${after()}`));
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('error', (error) => end(`the answer broke off (${error.message}) ${after()}`));
      response.on('end', () => {
        if (response.statusCode === 200) end(isWhole(text, body) ? undefined : `the answer is not whole ${after()}`);
        else end(`status ${response.statusCode} ${after()}: ${text.slice(0, 300)}`);
      });
    });
    request.end(JSON.stringify(body));
  });
}

function isWhole(text: string, body: Question['body']): boolean {
  return body.stream === true ? text.endsWith('data: [DONE]\n\n') : text.endsWith('}');
}
