/**
 * What is wrong with a GraphDef, as the end of a sentence that begins with the file's name. Whoever knows
 * the stage turns it into the error that the user sees.
 */
export class GraphProblem extends Error {}
