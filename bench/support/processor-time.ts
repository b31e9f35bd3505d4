import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts processor time for user programs in hundredths of a second (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;
/** Fields behind the program's name, counted from the state (proc(5), /proc/PID/stat: utime is field 14, the state 3). */
const USER_TIME = 11;
const SYSTEM_TIME = 12;
/** Of the children that ended and were waited for. */
const CHILDREN_USER_TIME = 13;
const CHILDREN_SYSTEM_TIME = 14;

/** Seconds of processor time that a process has used so far, in all its threads. */
export function processorSeconds(pid: number): number {
  return secondsOf(pid, [USER_TIME, SYSTEM_TIME]);
}

/** The same with that of the programs that it ran to their end. */
export function processorSecondsOfAll(pid: number): number {
  return secondsOf(pid, [USER_TIME, SYSTEM_TIME, CHILDREN_USER_TIME, CHILDREN_SYSTEM_TIME]);
}

function secondsOf(pid: number, times: readonly number[]): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return times.reduce((sum, field) => sum + Number(fields[field]), 0) / TICKS_PER_SECOND;
}

/** The same in milliseconds and not in steps of ten, of the threads that live (proc(5), /proc/PID/task/TID/schedstat). */
export function processorMilliseconds(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(tasks).map((task) => {
    const [running] = readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ');
    return Number(running);
  });
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}

/** The most memory that a process has held at one time, in MiB. */
export function peakResidentMebibytes(pid: number): number {
  return statusMebibytes(pid, /^VmHWM:\s*(\d+) kB$/m);
}

/** The memory that a process holds now, in MiB. */
export function residentMebibytes(pid: number): number {
  return statusMebibytes(pid, /^VmRSS:\s*(\d+) kB$/m);
}

function statusMebibytes(pid: number, field: RegExp): number {
  const [, kibibytes] = field.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) / 1024;
}
