import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expiryMs } from './expiry.ts';

test('a day is good until its end, UTC', () => {
  expect(expiryMs('2027-06-30')).toBe(Date.parse('2027-07-01T00:00:00Z'));
});

test.each(['2027-06-30T12:00:00Z', '2027-06-30T12:00:00.25+02:00', '1969-12-31T23:59:59.999-00:30'])(
  'the moment %s is itself',
  (text) => {
    expect(expiryMs(text)).toBe(Date.parse(text));
  },
);

test.each(['2027-02-29', '2100-02-29', '2027-13-01', '2027-00-10', '2027-06-31', '2027-06-30T24:00:00Z', 'soon', ''])(
  '%j is no day and no moment',
  (text) => {
    expect(expiryMs(text)).toBeUndefined();
  },
);

test('every day of the calendar is where it belongs', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-30'), noInvalidDate: true }), (date) => {
      const midnightMs = Date.parse(`${date.toISOString().slice(0, 10)}T00:00:00Z`);
      expect(expiryMs(date.toISOString().slice(0, 10))).toBe(midnightMs + 86_400_000);
      expect(expiryMs(date.toISOString())).toBe(date.getTime());
    }),
  );
});
