/** Which colour each partner of a class has, in all that is drawn of it. */

import type { ClassDrill } from "./class_drill";
import { PARTNERS } from "./colour";

/** CSS colours by class, in the order of their traffic; all other classes are grey. */
export type PartnerColours = Map<number, string>;

/** The busiest partners' colours, or, where a pair is looked at, that of its other class alone. */
export function partnerColours(drill: ClassDrill, pairedWith: number | null): PartnerColours {
  const busiest = drill.partners().slice(0, PARTNERS.length);
  const colours = new Map(busiest.map((class_, rank) => [class_, PARTNERS[rank]]));
  return pairedWith === null ? colours : new Map([[pairedWith, colours.get(pairedWith) ?? PARTNERS[0]]]);
}
