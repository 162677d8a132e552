declare module 'asl-validator' {
  /** https://github.com/ChristopheBougere/asl-validator */
  export default function validate(definition: object): { readonly isValid: boolean; readonly errors: unknown[] };
}
