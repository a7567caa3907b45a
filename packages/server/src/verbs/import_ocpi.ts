// chargeyard import ocpi <file> --tenant … [--company …] [--dry-run]: OCPI Locations, some hundred in a transaction. A
// location is written with all that belongs to it or not at all, and what is reported is durable.

import { open } from 'node:fs/promises';
import { stdin } from 'node:process';
import type { Readable } from 'node:stream';
import { Conflict, DomainError, Invalid, NotFound } from '../domain/index.ts';
import type { ImportedLocation } from '../domain/index.ts';
import { newId } from '../ids.ts';
import { UnreadableFile, leavingOutDoubles, locationFrom, locationsIn, notesOf } from '../ocpi/index.ts';
import type { Mapped } from '../ocpi/index.ts';
import type { ImportOutcome } from '../store/index.ts';
import { companyNamed } from './company_named.ts';
import { startImportReport } from './import_report.ts';
import type { ImportReport, Reported } from './import_report.ts';
import { stopSignal } from './stop_signal.ts';
import { runOnStore } from './verb.ts';

// One commit for many; yet a moment only, since those who write stations of a tenant wait for each other.
const locationsPerTransaction = 200;
const bytesPerRead = 256 * 1024;

/** Ctrl-C, or what a service manager sends. */
class Stopped extends UnreadableFile {}

type Options = { tenant: string; company?: string; dryRun?: boolean; json?: boolean };
type Source = { readonly stream: Readable; readonly size: number | undefined };
type Write = (locations: readonly ImportedLocation[]) => Promise<ImportOutcome[]>;

export async function importOcpi(file: string, options: Options): Promise<void> {
  const stopped = stopSignal();
  await runOnStore(options, async ({ store, clock, console, endWith }) => {
    const { tenant: slug, company, dryRun: isDryRun = false } = options;
    const tenant = await store.tenants.getBySlug(slug);
    const companyId = company === undefined ? undefined : await companyNamed(store, tenant.id, company);
    const { stream, size } = await openSource(file);
    void stopped.then(() => stream.destroy(new Stopped('It was stopped.')));
    const report = startImportReport({ console, clock, size, isDryRun });
    const write: Write = (locations) =>
      store.importedLocations[isDryRun ? 'preview' : 'write'](tenant.id, locations, {
        companyId,
        now: clock.now(),
        newId,
      });
    try {
      const fault = await importAll(stream, write, report);
      const exitCode = report.end(fault?.message);
      endWith(fault instanceof Stopped ? 130 : exitCode);
    } finally {
      stream.destroy();
    }
  });
}

/** Imports what the stream has. Answers why it ended early, if it did: what was reported until then stands. */
async function importAll(
  stream: Readable,
  write: Write,
  report: ImportReport,
): Promise<DomainError | undefined> {
  const withoutDoubles = leavingOutDoubles();
  let batch: Mapped[] = [];
  const writeBatch = async () => {
    const full = batch;
    batch = [];
    await writeAndReport(full, write, report);
  };
  try {
    let fault: UnreadableFile | undefined;
    try {
      for await (const { number, value } of locationsIn(bytesOf(stream, report))) {
        batch.push(withoutDoubles(locationFrom(value, number)));
        if (batch.length === locationsPerTransaction) await writeBatch();
      }
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      fault = error;
    }
    await writeBatch();
    return fault;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

/** Writes locations together, or one by one where one of them spoils it for the others. */
async function writeAndReport(batch: readonly Mapped[], write: Write, report: ImportReport): Promise<void> {
  const locations = batch.flatMap(({ location }) => location ?? []);
  let outcomes: ImportOutcome[];
  try {
    outcomes = locations.length === 0 ? [] : await write(locations);
  } catch (error) {
    if (batch.length > 1) {
      for (const one of batch) await writeAndReport([one], write, report);
      return;
    }
    if (!(error instanceof Conflict || error instanceof Invalid)) throw error;
    for (const mapped of batch) report.add(refused(mapped, error.message));
    return;
  }
  const outcomeOf = new Map(locations.map((location, at) => [location, outcomes[at]]));
  for (const { location, notes } of batch) {
    report.add({ location, notes, outcome: location === undefined ? undefined : outcomeOf.get(location) });
  }
}

function refused({ location, notes }: Mapped, reason: string): Reported {
  const taken = [...notes];
  if (location !== undefined) notesOf(location.row, taken).skipped(reason);
  return { location, notes: taken, outcome: undefined };
}

async function* bytesOf(stream: Readable, report: ImportReport): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) {
      report.read((chunk as Buffer).length);
      yield chunk as Buffer;
    }
  } catch (cause) {
    if (stream.errored instanceof Stopped) throw stream.errored;
    throw new UnreadableFile(`The file cannot be read on: ${messageOf(cause)}.`, { cause });
  }
}

async function openSource(file: string): Promise<Source> {
  const source = file === '-' ? { stream: stdin, size: undefined } : await openFile(file);
  // It reaches whoever reads; without a listener it would end the process when nobody does.
  source.stream.on('error', () => undefined);
  return source;
}

async function openFile(file: string): Promise<Source> {
  try {
    const handle = await open(file);
    const found = await handle.stat();
    if (found.isDirectory()) {
      await handle.close();
      throw new Invalid(`"${file}" is a folder.`);
    }
    return {
      stream: handle.createReadStream({ highWaterMark: bytesPerRead }),
      size: found.isFile() ? found.size : undefined,
    };
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    throw new NotFound(`The file "${file}" cannot be read: ${messageOf(cause)}.`, { cause });
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
