// The configuration keys of a station (OCPP 1.6 §9): which there are, which can be changed and to what.
// The table is shared by all stations; each keeps only what was changed.

type Key = {
  readonly name: string;
  readonly value: string;
  /** Whether it can be set to this; without it the key is read only. */
  readonly takes?: (value: string) => boolean;
  /** A new value counts from the next restart on. */
  readonly needsReboot?: true;
  /** Nobody is told what it holds. */
  readonly isSecret?: true;
};

export type ChangeStatus = 'Accepted' | 'Rejected' | 'RebootRequired' | 'NotSupported';

/** What the station can measure: MeterValuesSampledData names some of it. */
export const measurands = [
  'Energy.Active.Import.Register',
  'Power.Active.Import',
  'Current.Import',
  'Voltage',
] as const;

export const highestStackLevel = 10;
export const mostSchedulePeriods = 100;
export const mostProfiles = 20;
export const longestLocalList = 10_000;
export const mostInSendLocalList = 1_000;

const isSwitch = (value: string) => value === 'true' || value === 'false';
const isCount = (value: string) => /^\d{1,9}$/.test(value);
const isPositiveCount = (value: string) => isCount(value) && Number(value) > 0;
// OCPP 1.6 security whitepaper, A01.
const isPassword = (value: string) => /^[!-~]{16,40}$/.test(value);
const areMeasurands = (value: string) =>
  value.split(',').every((each) => (measurands as readonly string[]).includes(each.trim()));

const keys: readonly Key[] = [
  { name: 'AllowOfflineTxForUnknownId', value: 'false' },
  { name: 'AuthorizationCacheEnabled', value: 'true', takes: isSwitch },
  { name: 'AuthorizationKey', value: '', takes: isPassword, isSecret: true },
  { name: 'AuthorizeRemoteTxRequests', value: 'false', takes: isSwitch },
  { name: 'ChargeProfileMaxStackLevel', value: String(highestStackLevel) },
  { name: 'ChargingScheduleAllowedChargingRateUnit', value: 'Current,Power' },
  { name: 'ChargingScheduleMaxPeriods', value: String(mostSchedulePeriods) },
  { name: 'ClockAlignedDataInterval', value: '0' },
  { name: 'ConnectionTimeOut', value: '60' },
  { name: 'ConnectorPhaseRotation', value: 'NotApplicable' },
  { name: 'GetConfigurationMaxKeys', value: '50' },
  { name: 'HeartbeatInterval', value: '', takes: isPositiveCount },
  { name: 'LocalAuthListEnabled', value: 'true', takes: isSwitch },
  { name: 'LocalAuthListMaxLength', value: String(longestLocalList) },
  { name: 'LocalAuthorizeOffline', value: 'false' },
  { name: 'LocalPreAuthorize', value: 'false', takes: isSwitch },
  { name: 'MaxChargingProfilesInstalled', value: String(mostProfiles) },
  { name: 'MeterValueSampleInterval', value: '60', takes: isCount },
  { name: 'MeterValuesAlignedData', value: '' },
  { name: 'MeterValuesSampledData', value: measurands.join(','), takes: areMeasurands },
  { name: 'NumberOfConnectors', value: '' },
  { name: 'ReserveConnectorZeroSupported', value: 'true' },
  { name: 'ResetRetries', value: '0' },
  { name: 'SendLocalListMaxLength', value: String(mostInSendLocalList) },
  { name: 'StopTransactionOnEVSideDisconnect', value: 'true' },
  { name: 'StopTransactionOnInvalidId', value: 'true', takes: isSwitch },
  { name: 'StopTxnAlignedData', value: '' },
  { name: 'StopTxnSampledData', value: '' },
  {
    name: 'SupportedFeatureProfiles',
    value: 'Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger',
  },
  { name: 'TransactionMessageAttempts', value: '3', takes: isPositiveCount },
  { name: 'TransactionMessageRetryInterval', value: '10', takes: isCount },
  { name: 'UnlockConnectorOnEVSideDisconnect', value: 'true' },
  { name: 'WebSocketPingInterval', value: '0', takes: isCount, needsReboot: true },
];

const byName = new Map(keys.map((key) => [key.name.toLowerCase(), key]));

export class Configuration {
  /** Seconds, as the boot was answered or as it was changed since; 0 before the first accepted boot. */
  heartbeatIntervalSeconds = 0;
  readonly #connectors: number;
  #changed: Map<string, string> | undefined;

  /** @param connectors how many the station has */
  constructor(connectors: number) {
    this.#connectors = connectors;
  }

  get names(): string[] {
    return keys.map(({ name }) => name);
  }

  /** Answers a key as it is told, whatever the case of its name; undefined when there is none. */
  find(name: string): { key: string; readonly: boolean; value?: string } | undefined {
    const key = byName.get(name.toLowerCase());
    if (key === undefined) return undefined;
    const told = { key: key.name, readonly: key.takes === undefined };
    return key.isSecret === true ? told : { ...told, value: this.#valueOf(key) };
  }

  /** The password of the next connection, where it was changed. */
  get changedPassword(): string | undefined {
    return this.#changed?.get('AuthorizationKey');
  }

  isOn(name: string): boolean {
    return this.find(name)?.value === 'true';
  }

  numberOf(name: string): number {
    return Number(this.find(name)?.value);
  }

  textOf(name: string): string {
    return this.find(name)?.value ?? '';
  }

  /** @see OCPP 1.6 §5.3 Change Configuration */
  change(name: string, value: string): ChangeStatus {
    const key = byName.get(name.toLowerCase());
    if (key === undefined) return 'NotSupported';
    if (key.takes === undefined || !key.takes(value)) return 'Rejected';
    if (key.name === 'HeartbeatInterval') this.heartbeatIntervalSeconds = Number(value);
    else (this.#changed ??= new Map()).set(key.name, value);
    return key.needsReboot === true ? 'RebootRequired' : 'Accepted';
  }

  #valueOf({ name, value }: Key): string {
    if (name === 'HeartbeatInterval') return String(this.heartbeatIntervalSeconds);
    if (name === 'NumberOfConnectors') return String(this.#connectors);
    return this.#changed?.get(name) ?? value;
  }
}
