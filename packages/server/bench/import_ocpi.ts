// chargeyard import ocpi, as a process on a data folder of its own: a file of 20 000 locations with 2 EVSEs of 2 connectors
// each, imported for the first time, again, and with --dry-run. CPU seconds say more than seconds on a busy machine.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { anOcpiLocation } from '../test/ocpi/an_ocpi_location.ts';

const locations = 20_000;
const command = fileURLToPath(new URL('../bin/chargeyard.js', import.meta.url));

export async function importOcpi(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chargeyard-bench-'));
  await chmod(folder, 0o711);
  const environment = { CHARGEYARD_DATA: join(folder, 'data') };
  const file = join(folder, 'locations.json');
  try {
    await pipeline(Readable.from(listOf(locations)), createWriteStream(file));
    await run(['tenant', 'create', 'bench'], environment);
    for (const [target, ...options] of [['created'], ['unchanged'], ['dry run', '--dry-run']]) {
      const args = ['import', 'ocpi', file, '--tenant', 'bench', '--json', ...options];
      const { seconds, cpuSeconds, peakBytes } = await run(args, environment);
      const line = {
        bench: 'import_ocpi',
        target,
        locations,
        perSecond: Math.round(locations / seconds),
        perCpuSecond: Math.round(locations / cpuSeconds),
        peakMiB: Math.round(peakBytes / 1024 ** 2),
      };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function* listOf(count: number): Generator<string> {
  for (let n = 1; n <= count; n += 1) yield `${n === 1 ? '[' : ','}\n${JSON.stringify(anOcpiLocation(n))}`;
  yield '\n]';
}

/** Runs a command; CPU seconds and memory are those of its Node alone. */
async function run(args: readonly string[], environment: Record<string, string>) {
  const started = performance.now();
  const child = spawn(process.execPath, [command, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let [cpuSeconds, peakBytes] = [0, 0];
  const timer = setInterval(() => void look(), 100);
  const look = async () => {
    const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => '');
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    cpuSeconds = Math.max(cpuSeconds, (Number(fields[11]) + Number(fields[12])) / 100 || 0);
    peakBytes = Math.max(peakBytes, Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
  };
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`chargeyard ${args.join(' ')} ended with ${code}`);
  return { seconds: (performance.now() - started) / 1000, cpuSeconds, peakBytes };
}
