// The command line: options and their checks. Every mistake is one sentence on stderr and exit code 1.

import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { highestStationNumber, simulatedStationIdentity } from './station_identity.ts';
import type { StationIdentity } from './station_identity.ts';
import { stationUrl } from './station_url.ts';

export type CliOptions = {
  readonly url: string;
  readonly stations: readonly StationIdentity[];
  readonly connectRate: number;
  readonly hasStatusLife: boolean;
  readonly isJson: boolean;
};

type RawOptions = {
  readonly url: string;
  readonly stations: number;
  readonly prefix: string;
  readonly first: number;
  readonly password?: string;
  readonly credentials?: Record<string, string>;
  readonly connectRate: number;
  readonly quietStatuses?: true;
  readonly json?: true;
};

/**
 * Reads the command line. Ends the process with code 1 on a mistake and with 0 after --help.
 *
 * @param argv as process.argv
 */
export function cliOptions(argv: readonly string[]): CliOptions {
  const command = new Command('chargeyard-simulator')
    .description('Charging stations that speak OCPP 1.6J: for demos, tests and load.')
    .requiredOption('--url <url>', "WebSocket URL; each station's identity is appended to its path", wsUrl)
    .option('--stations <count>', 'how many stations', wholeNumber, 1)
    .option('--prefix <text>', 'what stands before the number in an identity', 'cp_')
    .option('--first <n>', 'number of the first station', wholeNumber, 1)
    .option('--password <text>', 'HTTP Basic password of all stations')
    .addOption(
      new Option('--credentials <file>', 'JSON file with a password for each: {"cp_1": "…", "cp_2": "…"}')
        .argParser(credentials)
        .conflicts('password'),
    )
    .option(
      '--connect-rate <n>',
      'how many stations connect for the first time per second',
      positiveNumber,
      50,
    )
    .option('--quiet-statuses', 'let no drivers come by themselves, who charge now and then')
    .option('--json', 'print one JSON line per event instead of a summary')
    .helpOption('-h, --help', 'print this text')
    .addHelpText(
      'after',
      `
Examples:
  $ chargeyard-simulator --url ws://localhost:8080/ocpp/demo --stations 10
  $ chargeyard-simulator --url wss://demo.example.com/ocpp/demo --stations 500 --credentials secrets.json

Stations are named <prefix><n>: cp_1, cp_2, … They connect again whenever a connection fails or ends.
Ctrl-C closes all connections and ends with exit code 0.`,
    )
    .parse(argv);
  const raw = command.opts<RawOptions>();
  if (raw.first + raw.stations - 1 > highestStationNumber) {
    command.error(`error: the last station's number would be above ${highestStationNumber}.`);
  }
  return {
    url: raw.url,
    stations: Array.from({ length: raw.stations }, (_, index) => {
      const station = simulatedStationIdentity(raw.first + index, raw.prefix);
      const password = raw.credentials === undefined ? raw.password : raw.credentials[station.identity];
      if (raw.credentials !== undefined && password === undefined) {
        command.error(`error: the credentials file has no password for ${station.identity}.`);
      }
      return password === undefined ? station : { ...station, password };
    }),
    connectRate: raw.connectRate,
    hasStatusLife: raw.quietStatuses !== true,
    isJson: raw.json === true,
  };
}

function wsUrl(text: string): string {
  try {
    stationUrl(text, 'cp_1');
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
  return text;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > highestStationNumber) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${highestStationNumber}.`);
  }
  return number;
}

function positiveNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0) || !Number.isFinite(number))
    throw new InvalidArgumentError('It must be a number above 0.');
  return number;
}

function credentials(file: string): Record<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentError(`It cannot be read as JSON: ${cause}.`);
  }
  if (!isPasswords(value)) {
    throw new InvalidArgumentError('It must hold one JSON object of identities and passwords.');
  }
  return value;
}

function isPasswords(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((password) => typeof password === 'string');
}
