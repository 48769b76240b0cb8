/** Typed arrays that grow. */

type Growing = Float32Array | Int32Array | Uint32Array;

/** The array, or, where it is shorter than `length`, a longer one that begins with what it holds. */
export function withRoom<Kind extends Growing>(array: Kind, length: number): Kind {
  if (length <= array.length) return array;
  const longer = new (array.constructor as new (length: number) => Kind)(Math.max(length, 2 * array.length));
  longer.set(array);
  return longer;
}
