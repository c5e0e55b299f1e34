/**
 * Converts an option to the name under which the user sets it: a property, a JSON field or a flag. A layer that reports a problem
 * gets it from its caller, because only the caller knows where its user set the option.
 */
export type OptionNames<Option extends string = string> = (option: Option) => string;

/** Names of options in code, in JSON and in a stack, which are the options themselves. */
export const propertyNames: OptionNames = (option) => option;
