// OCPI's GeoLocation (mod_locations, GeoLocation class): degrees as texts; some files have numbers.

import { numberIn, objectIn } from './given.ts';

/** Answers the geolocation; undefined when the file has none. What is wrong in it is left for the declaration. */
export function geolocationIn(coordinates: unknown): unknown {
  const given = objectIn(coordinates);
  if (given === undefined) return coordinates ?? undefined;
  const latitude = numberIn(given['latitude']);
  const longitude = numberIn(given['longitude']);
  return latitude === undefined && longitude === undefined ? undefined : { latitude, longitude };
}
