// How a resource of the CPO API is declared: its attributes in the order of the document, which of them can be written,
// sorted and filtered by, and its relationships. Routes, validation and documentation follow from the declaration.

import { Type } from 'typebox';
import type { Static, TObject, TSchema } from 'typebox';

export type AttributeDeclaration = {
  /** The value as it is read. What can be unknown allows null. */
  readonly schema: TSchema;
  /** The value as it may be sent, where that is less than what is read: what is left out is then filled in. */
  readonly writtenAs?: TSchema;
  /** Who may set it: at creation only, or at any time. Without this it is read-only, and ignored where it is sent. */
  readonly written?: 'at_creation' | 'always';
  /** What writes call it in the documentation. Both names are taken, and mean the same. */
  readonly writeName?: string;
  /** A creation must have it. */
  readonly required?: true;
  /** `sort=` may name it. */
  readonly sorts?: true;
  /** `filter[name]=a,b` may name it. */
  readonly filters?: true;
  /** The values that its filter has where a request gives none. */
  readonly filterDefault?: readonly boolean[];
  /** It is written and never shown, such as a password. */
  readonly isSecret?: true;
  /** It is the id of a resource of this type. A write may name one only that its writer may see. */
  readonly refersTo?: string;
  /** It names the company that the resource belongs to: an API client that is bound to one must name one. */
  readonly tellsOwner?: true;
  /** What the API's description shows, where a value made from the schema alone would tell nothing. */
  readonly example?: unknown;
  /** What it shows of a new resource, where that is neither what was sent nor null. */
  readonly exampleAtFirst?: unknown;
};

/** Related resources of a type: the one that the attribute `by` names, or the many whose own attribute `by` names it. */
export type RelationshipDeclaration =
  { readonly toOne: string; readonly by: string } | { readonly toMany: string; readonly by: string };

export type ResourceDeclaration = {
  readonly type: string;
  /** The API that it belongs to, the first word of its scopes; the CPO API where nothing is said. */
  readonly api?: 'cpoapi' | 'settings';
  /** UUIDs, integers counted per tenant, or texts of a–z and 0–9. */
  readonly id: 'uuid' | 'integer' | 'text';
  readonly attributes: Readonly<Record<string, AttributeDeclaration>>;
  /** `include=` may name them (JSON:API 1.1 §6.3). None has the name of an attribute (§7.2.2.1). */
  readonly relationships?: Readonly<Record<string, RelationshipDeclaration>>;
  /** `filter[search]` looks into these attributes. */
  readonly searched?: readonly string[];
  /** `filter[updatedSince]` is there. */
  readonly hasUpdatedSince?: true;
  /**
   * The attributes between which a resource lasts; it lasts on while the end is null. `filter[start]` and `filter[end]` of
   * these names select what overlaps the interval from one to the other, instead of what equals them; either may be alone.
   */
  readonly lasts?: { readonly start: string; readonly end: string };
  /**
   * The attribute that tells when it happened: `filter[from]` and `filter[until]` select what happened from the one instant
   * on and before the other; either may be alone.
   */
  readonly happensAt?: string;
  /** Lists begin with what was made last, instead of first. */
  readonly isNewestFirst?: true;
  /** How a list is paged unless its parameters say otherwise; of `cursor_only` they cannot: it is too long to be counted. */
  readonly paged: 'offset' | 'cursor' | 'cursor_only';
  /** What only the answer that made it shows, in `meta`: a secret, of which nothing but a hash is kept. */
  readonly shownOnce?: Readonly<Record<string, { readonly schema: TSchema; readonly example: unknown }>>;
};

/** The attributes of a resource as they are read. */
export type AttributesOf<R extends ResourceDeclaration> = {
  [Name in keyof R['attributes']]: Static<R['attributes'][Name]['schema']>;
};

/** A relationship with its two ends: what a resource has in `from`, related ones have in `to`; `id` is an end, too. */
export type Relationship = {
  readonly name: string;
  readonly type: string;
  readonly isToMany: boolean;
  readonly from: string;
  readonly to: string;
};

export function relationshipsOf({ relationships = {} }: ResourceDeclaration): Relationship[] {
  return Object.entries(relationships).map(([name, declared]) =>
    'toOne' in declared
      ? { name, type: declared.toOne, isToMany: false, from: declared.by, to: 'id' }
      : { name, type: declared.toMany, isToMany: true, from: 'id', to: declared.by },
  );
}

/** A value that may be unknown. */
export function orNull<S extends TSchema>(schema: S, description?: string) {
  return Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
}

/** Answers the attributes that are shown, by name, in the order of the document. */
export function shownAttributes({ attributes }: ResourceDeclaration): [string, AttributeDeclaration][] {
  return Object.entries(attributes).filter(([, { isSecret }]) => !isSecret);
}

/** Answers the schema of a resource's attributes as they are read: all of them, always. */
export function attributesSchema(declaration: ResourceDeclaration): TObject {
  const properties = shownAttributes(declaration).map(([name, { schema }]) => [name, schema] as const);
  return Type.Object(Object.fromEntries(properties), { additionalProperties: false });
}

/**
 * Answers the schema of the attributes that a request may set. Others are neither refused nor looked at (JSON:API 1.1
 * §5.1.1: members that are not recognised are ignored).
 *
 * @param given the attributes that the path sets: no creation need have them
 */
export function writtenSchema(
  { attributes }: ResourceDeclaration,
  at: 'creation' | 'update',
  given: readonly string[] = [],
): TObject {
  const writable = Object.entries(attributes).filter(
    ([, { written }]) => written === 'always' || (written === 'at_creation' && at === 'creation'),
  );
  return Type.Object(
    Object.fromEntries(
      writable.map(([name, { schema, writtenAs = schema, required }]) => [
        name,
        at === 'creation' && required && !given.includes(name) ? writtenAs : Type.Optional(writtenAs),
      ]),
    ),
  );
}
