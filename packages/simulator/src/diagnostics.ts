// The upload of a station's diagnostics: a short text, by HTTP PUT (OCPP 1.6 §4.4, §5.9). FTP is not spoken: such an upload
// fails, and is told so.

import type { Payload } from './frames.ts';
import type { Timers } from './timers.ts';
import type { Uplink } from './uplink.ts';

export type Upload = {
  /** The folder that the file goes to. */
  readonly location: string;
  readonly fileName: string;
  readonly text: string;
  /** How often it is tried again, and after how many seconds. */
  readonly retries: number;
  readonly retryIntervalSeconds: number;
};

const longestUploadMs = 30_000;

export class Diagnostics {
  readonly #uplink: Uplink;
  readonly #timers: Timers;
  #abort: AbortController | undefined;
  #isClosed = false;
  #uploads = 0;

  constructor(uplink: Uplink, timers: Timers) {
    this.#uplink = uplink;
    this.#timers = timers;
  }

  /** Uploads, and tells each step. Never rejects. */
  async upload({ retries, retryIntervalSeconds, ...file }: Upload): Promise<void> {
    this.#uploads += 1;
    await this.#tell('Uploading');
    let isUploaded = await this.#put(file);
    for (let tries = 0; !isUploaded && tries < retries; tries += 1) {
      await this.#timers.pause(retryIntervalSeconds * 1000);
      isUploaded = await this.#put(file);
    }
    this.#uploads -= 1;
    await this.#tell(isUploaded ? 'Uploaded' : 'UploadFailed');
  }

  /** Tells how it stands (OCPP 1.6 §5.17). */
  tellStatus(): void {
    void this.#tell(this.#uploads > 0 ? 'Uploading' : 'Idle');
  }

  close(): void {
    this.#isClosed = true;
    this.#abort?.abort();
  }

  async #put({ location, fileName, text }: Pick<Upload, 'location' | 'fileName' | 'text'>): Promise<boolean> {
    const url = URL.parse(location);
    if (this.#isClosed || url === null || !/^https?:$/.test(url.protocol)) return false;
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${fileName}`;
    this.#abort ??= new AbortController();
    try {
      const response = await fetch(url, {
        method: 'PUT',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: text,
        signal: AbortSignal.any([this.#abort.signal, AbortSignal.timeout(longestUploadMs)]),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  async #tell(status: string): Promise<void> {
    const payload: Payload = { status };
    await this.#uplink.call('DiagnosticsStatusNotification', () => payload);
  }
}
