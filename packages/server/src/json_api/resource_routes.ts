// The routes of a resource at its own path. What is particular to a resource is in its own file.

import { createMethod } from './create_method.ts';
import { listMethod } from './list_method.ts';
import { withinNothing } from './resource.ts';
import type { Resource, ResourceDeps, Within } from './resource.ts';
import type { Route } from './routes.ts';
import { singleMethods } from './single_methods.ts';

/** Answers the routes of a resource at its own path. */
export function resourceRoutes<Field extends string>(
  resource: Resource<Field>,
  deps: ResourceDeps,
  within: Within = withinNothing,
): Route[] {
  const { path } = resource;
  const creation = createMethod(resource, deps, within);
  return [
    {
      path,
      methods: {
        GET: listMethod(resource, deps, within.given),
        ...(creation === undefined ? {} : { POST: creation }),
      },
    },
    { path: `${path}/:id`, methods: singleMethods(resource, deps, within) },
  ];
}
