import { visibleText } from '../diagnostics/visible-text.ts';
import type { Plan } from './make-plan.ts';
import {
  closingSentence,
  documentSentence,
  fleetSentence,
  groupSentence,
  limitSentence,
  revisionText,
  routingSentence,
  sampleText,
  shortDigestText,
  trafficSummary,
  witnessText,
} from './plan-sentences.ts';

/** A heading with its lines; deeper lines belong to the one above them. */
interface PlanSection {
  readonly title: string;
  readonly lines: readonly PlanLine[];
}

interface PlanLine {
  readonly text: string;
  readonly below: readonly string[];
}

/** The plan in the order in which it is read: what changes, what it does to requests, what to look at twice. */
function planSections(plan: Plan): PlanSection[] {
  const { documents, routing, traffic, risks, fleets, limits, approvers } = plan;
  const sections: PlanSection[] = [
    { title: 'Changes', lines: documents.map((change) => ({ text: documentSentence(change), below: change.fields })) },
    {
      title: 'Routing',
      lines: [
        ...routing.changes.map((change) => ({
          text: routingSentence(change),
          below: [`witness: ${witnessText(change.witness)}`],
        })),
        ...(routing.cut ? [line(`only the first ${routing.classes} classes of requests were looked at`)] : []),
      ],
    },
    {
      title: 'Recorded traffic',
      lines: [
        ...(traffic === undefined ? [] : trafficSummary(traffic).map(line)),
        ...(traffic?.aspects ?? []).flatMap(({ aspect, groups }) =>
          groups.map((group) => ({
            text: `${aspect} ${groupSentence(group)}`,
            below: group.samples.map((sample) => `such as ${sampleText(sample)}`),
          })),
        ),
      ],
    },
    {
      title: 'Risks',
      lines: risks.map(({ what, message, place }) => line(`${what}: ${message}  ${place.file}:${place.line}`)),
    },
    { title: 'Envoy', lines: fleets.map((fleet) => line(fleetSentence(fleet))) },
    { title: 'Limits of the base', lines: limits.map((check) => line(limitSentence(check))) },
    {
      title: 'Approvers',
      lines: [
        ...(approvers === undefined || approvers.owners.length === 0 ? [] : [line(approvers.owners.join(' '))]),
        ...(approvers?.unowned ?? []).map((path) => line(`${path} has no owner`)),
      ],
    },
  ];
  return sections
    .filter(({ lines }) => lines.length > 0)
    .map(({ title, lines }) => ({ title, lines: lines.map(shown) }));
}

/** Names and header values are text of the change's author: none of it may move a cursor or begin a line. */
function shown({ text, below }: PlanLine): PlanLine {
  return { text: visibleText(text), below: below.map(visibleText) };
}

function line(text: string): PlanLine {
  return { text, below: [] };
}

export function renderPlanText(plan: Plan): string {
  if (!plan.hasEffect) return `${headline(plan)}\n\n${noEffect(plan)}\n`;
  const sections = planSections(plan).map(({ title, lines }) => {
    const body = lines.flatMap(({ text, below }) => [`  ${text}`, ...below.map((deeper) => `      ${deeper}`)]);
    return `${[title, ...body].join('\n')}\n`;
  });
  return `${headline(plan)}\n\n${sections.join('\n')}\n${closingSentence(plan)}\n`;
}

function headline({ base, head }: Plan): string {
  return `plan ${revisionText(base)} -> ${revisionText(head)}`;
}

function noEffect({ head }: Plan): string {
  return `no effect: both are ${shortDigestText(head)}`;
}

/** Lines of a section in a comment: forges take some 65,000 characters in all. */
const MARKDOWN_LINES_MAX = 40;

/** What a comment on a pull request shows. */
export function renderPlanMarkdown(plan: Plan): string {
  const title = `### headgate ${inMarkdown(visibleText(headline(plan)))}`;
  if (!plan.hasEffect) return `${title}\n\n**No effect**: both are \`${shortDigestText(plan.head)}\`.\n`;
  const sections = planSections(plan).map(({ title: heading, lines }) => {
    const more = lines.length - MARKDOWN_LINES_MAX;
    const items = lines
      .slice(0, MARKDOWN_LINES_MAX)
      .flatMap(({ text, below }) => [`- ${inMarkdown(text)}`, ...below.map((deeper) => `  - ${inMarkdown(deeper)}`)]);
    if (more > 0) items.push(`- and ${more} more`);
    return `#### ${heading}\n\n${items.join('\n')}\n`;
  });
  return `${title}\n\n**${closingSentence(plan)}**\n\n${sections.join('\n')}`;
}

/** Every line as code: names of documents are text of the pull request's author, and may not become markup. */
function inMarkdown(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const space = longest === 0 ? '' : ' ';
  return `${fence}${space}${text}${space}${fence}`;
}

/** The plan for programs: decK's words for what it is known by, and the whole of it below `semantic`. */
export function renderPlanJson(plan: Plan): string {
  const { documents, risks, limits, ...semantic } = plan;
  const of = (action: 'added' | 'changed' | 'removed') =>
    documents.filter((change) => change.action === action).map(({ kind, name, fields }) => ({ kind, name, fields }));
  const changes = { creating: of('added'), updating: of('changed'), deleting: of('removed') };
  const { creating, updating, deleting } = changes;
  const summary = {
    creating: creating.length,
    updating: updating.length,
    deleting: deleting.length,
    total: documents.length,
  };
  const breached = limits.filter(({ isBreached }) => isBreached);
  const errors = breached.map((check) => ({ code: 'limit-breached', message: limitSentence(check) }));
  return `${JSON.stringify({ changes, summary, warnings: risks, errors, limits, semantic }, null, 2)}\n`;
}
