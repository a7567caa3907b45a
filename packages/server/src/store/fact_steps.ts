// What a group of facts does to the database, statement by statement.

import type { StationFact } from '../domain/index.ts';
import { bootStatements } from './boots.ts';
import { reportedStatement } from './connector_reports.ts';
import type { Step } from './fact_step.ts';
import { issuedCertificateStatements } from './issued_certificates.ts';
import { meterStatements } from './meter_values.ts';
import { newestStatement, replacedStatement } from './newest_connections.ts';
import { closedStatement, openedStatement } from './station_connections.ts';
import { errorStatements } from './station_errors.ts';
import { reportStatements } from './station_reports.ts';
import { startSteps } from './transaction_starts.ts';
import { stopSteps } from './transaction_stops.ts';

/**
 * Answers what applies a group of facts. Openings come first and closings last: a closing counts only while its own
 * connection is still the station's, so any interleaving of the two comes out right.
 */
export function stepsFor(facts: readonly StationFact[], newId: () => string): Step[] {
  const of = <K extends StationFact['kind']>(kind: K) =>
    facts.filter((fact): fact is Extract<StationFact, { kind: K }> => fact.kind === kind);
  const opened = newestBy(of('connection_opened'), (fact) => fact.chargingStationId);
  const booted = of('booted');
  const allReported = of('connector_reported');
  const reported = newestBy(allReported, (fact) => `${fact.chargingStationId}/${fact.connectorNumber}`);
  const told = of('station_reported');
  const closed = of('connection_closed');
  return [
    ...(opened.length > 0 ? [replacedStatement(opened), openedStatement(opened)] : []),
    ...(booted.length + reported.length > 0 ? [newestStatement([...booted, ...reported], opened)] : []),
    ...bootStatements(booted),
    ...(reported.length > 0 ? [reportedStatement(reported, newId)] : []),
    ...errorStatements(allReported, newId),
    ...startSteps(of('transaction_started')),
    ...stopSteps(of('transaction_stopped')),
    ...meterStatements(of('meter_read'), newId),
    ...reportStatements(told, newId),
    ...issuedCertificateStatements(told, newId),
    ...(closed.length > 0 ? [closedStatement(closed)] : []),
  ];
}

function newestBy<F extends StationFact>(facts: readonly F[], key: (fact: F) => string): F[] {
  return [...new Map(facts.map((fact) => [key(fact), fact])).values()];
}
