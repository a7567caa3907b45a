// What a verb prints: results on standard output, for a person or with --json for a program; what it is busy with on
// standard error. And the one line that it may be given on standard input.

import { createInterface } from 'node:readline';

export type Console = {
  /** Prints a verb's result: the sentence, or with --json the value. */
  result(value: unknown, sentence: string): void;
  /** Prints text for a person as it is; nothing with --json. */
  text(text: string): void;
  /** Says what is being waited for. */
  progress(line: string): void;
  /** Answers the first line of standard input; '' when there is none. */
  line(): Promise<string>;
};

export function createConsole(options: { json: boolean }): Console {
  return {
    result(value, sentence) {
      process.stdout.write(`${options.json ? JSON.stringify(value) : sentence}\n`);
    },
    text(text) {
      if (!options.json) process.stdout.write(`${text}\n`);
    },
    progress(line) {
      process.stderr.write(`${line}\n`);
    },
    async line() {
      for await (const first of createInterface({ input: process.stdin })) return first;
      return '';
    },
  };
}
