import { parseArgs } from 'node:util';
import { type SoakReport, soakFleet } from './fleet-soak.ts';

const USAGE = 'usage: npm run soak -- fleet [--minutes 5] [--proxies 50] [--rate 50] [--streams 10] [--seed N]';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '5' },
    proxies: { type: 'string', default: '50' },
    rate: { type: 'string', default: '50' },
    streams: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const options = {
  minutes: Number(values.minutes),
  proxies: Number(values.proxies),
  requestsPerSecond: Number(values.rate),
  streams: Number(values.streams),
  seed: Number(values.seed),
};

if (positionals.join(' ') !== 'fleet' || Object.values(options).some((value) => !(value >= 0))) {
  console.error(USAGE);
  process.exitCode = 64;
} else {
  const report = await soakFleet(options, (line) => console.error(line));
  for (const line of reportLines(report)) console.log(line);
  process.exitCode = report.failures.length === 0 ? 0 : 1;
}

function reportLines({ requests, streams, failures, disturbances, slowestMs, controlPlaneMebibytes }: SoakReport) {
  const { first, last } = controlPlaneMebibytes;
  return [
    ...Object.entries(disturbances).map(([name, count]) => `${String(count).padStart(6)}  ${name}`),
    `the slowest took ${(slowestMs / 1_000).toFixed(1)} s until every proxy served what it must`,
    `memory of the control plane: ${first.toFixed(0)} MiB at first, ${last.toFixed(0)} MiB at last`,
    `${requests} requests and ${streams} long streams, ${failures.length} failed`,
  ];
}
