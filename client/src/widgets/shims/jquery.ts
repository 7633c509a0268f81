/**
 * The little of jQuery that the core widgets' views ask for: `this.$el` is made of their element, and its first element is read back.
 *
 * Stands in for the package `jquery` in the build, since 20 kB for two lines would be paid by every visitor.
 */
class Elements {
  [index: number]: Element;
  readonly length: number = 1;

  constructor(element: Element) {
    this[0] = element;
  }
}

type Whole = { (element: unknown): Elements; fn: Elements };

let whole: Whole | undefined;

function $(element: Element | Elements): Elements {
  if (whole) return whole(element);
  return element instanceof Elements ? element : new Elements(element);
}

// `x instanceof $` is asked in @jupyter-widgets/base.
$.prototype = Elements.prototype;

/** From now on, elements are those of jQuery itself: widgets that come from elsewhere may use all of it. */
export function useWhole(jQuery: unknown): void {
  whole = jQuery as Whole;
  $.prototype = whole.fn;
}

export default $;
