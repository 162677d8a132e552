/** The syntax trees of expressions. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html */

/** A path in an item: `#a.b[3]`. Names are kept as written, with their `#`. */
export interface PathSyntax {
  readonly kind: 'path';
  readonly steps: readonly (string | number)[];
}

export interface ValueSyntax {
  readonly kind: 'value';
  /** With its `:`. */
  readonly name: string;
}

export interface SizeSyntax {
  readonly kind: 'size';
  readonly of: PathSyntax;
}

/** The operands of comparisons. */
export type OperandSyntax = PathSyntax | ValueSyntax | SizeSyntax;

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type ConditionSyntax =
  | { readonly kind: 'and' | 'or'; readonly left: ConditionSyntax; readonly right: ConditionSyntax }
  | { readonly kind: 'not'; readonly operand: ConditionSyntax }
  | {
      readonly kind: 'compare';
      readonly comparator: Comparator;
      readonly left: OperandSyntax;
      readonly right: OperandSyntax;
    }
  | {
      readonly kind: 'between';
      readonly operand: OperandSyntax;
      readonly low: OperandSyntax;
      readonly high: OperandSyntax;
    }
  | { readonly kind: 'in'; readonly operand: OperandSyntax; readonly among: readonly OperandSyntax[] }
  | { readonly kind: 'attribute_exists' | 'attribute_not_exists'; readonly path: PathSyntax }
  | {
      readonly kind: 'attribute_type' | 'begins_with' | 'contains';
      readonly path: PathSyntax;
      readonly operand: OperandSyntax;
    };

/** The new value of an attribute. */
export type AssignedSyntax =
  | PathSyntax
  | ValueSyntax
  | { readonly kind: 'if_not_exists'; readonly path: PathSyntax; readonly otherwise: AssignedSyntax }
  | {
      readonly kind: 'add' | 'subtract' | 'list_append';
      readonly left: AssignedSyntax;
      readonly right: AssignedSyntax;
    };

export type ActionSyntax =
  | { readonly kind: 'set'; readonly path: PathSyntax; readonly to: AssignedSyntax }
  | { readonly kind: 'remove'; readonly path: PathSyntax }
  | { readonly kind: 'add to'; readonly path: PathSyntax; readonly value: ValueSyntax };

/** An expression, and the names and values that it uses. */
export interface Parsed<T> {
  readonly syntax: T;
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}
