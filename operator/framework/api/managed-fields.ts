/** The member and the comma before it. Its value holds no array, so it ends with the first bracket that is in no string. */
const member = /,"managedFields":\[[^"\]]*(?:"[^"\\]*(?:\\.[^"\\]*)*"[^"\]]*)*\]/g;

/**
 * Reads JSON of the API server's, without `managedFields`: they are half of an object and read by nobody here, and to parse them takes
 * longer than to cut them out.
 * @throws SyntaxError when it is no JSON.
 */
export function parseWithoutManagedFields(json: string): unknown {
  const rest = json.replace(member, "");
  if (rest.length === json.length) return JSON.parse(json);
  try {
    return JSON.parse(rest);
  } catch {
    return JSON.parse(json); // an array in them: no API server writes that
  }
}
