// What a verb prints: results on standard output, for a person or with --json for a program; what it is busy with on
// standard error. And the one line that it may be given on standard input.

import { createInterface } from 'node:readline';

export type Console = {
  /** Prints a verb's result: the sentence, or with --json the value. */
  result(value: unknown, sentence: string): void;
  /** Prints text for a person as it is; nothing with --json. */
  text(text: string): void;
  /** Prints a part of a result in JSON as it is, with --json only. */
  json(text: string): void;
  /** Says what is being waited for. */
  progress(line: string): void;
  /** Whether `bar` shows anything. */
  readonly hasBar: boolean;
  /** Shows a line at a terminal, in place of the one before, until something else is printed. */
  bar(line: string): void;
  /** Answers the first line of standard input; '' when there is none. */
  line(): Promise<string>;
};

export function createConsole(options: { json: boolean }): Console {
  const { stdout, stderr } = process;
  const hasBar = stderr.isTTY;
  let isBarShown = false;
  const clearBar = () => {
    if (isBarShown) stderr.write('\r\u{1b}[K');
    isBarShown = false;
  };
  const print = (text: string) => {
    clearBar();
    stdout.write(text);
  };
  return {
    result(value, sentence) {
      print(`${options.json ? JSON.stringify(value) : sentence}\n`);
    },
    text(text) {
      if (!options.json) print(`${text}\n`);
    },
    json(text) {
      if (options.json) print(text);
    },
    progress(line) {
      clearBar();
      stderr.write(`${line}\n`);
    },
    hasBar,
    bar(line) {
      if (!hasBar) return;
      stderr.write(`\r${line.slice(0, stderr.columns - 1)}\u{1b}[K`);
      isBarShown = true;
    },
    async line() {
      for await (const first of createInterface({ input: process.stdin })) return first;
      return '';
    },
  };
}
