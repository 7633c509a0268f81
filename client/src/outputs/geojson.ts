import css from "./geojson.css";
import type { Context, Rendering } from "./rendering.ts";

const SVG = "http://www.w3.org/2000/svg";
/** The larger side of the map in its own units. */
const SIZE = 600;
const MARGIN = 16;
/** Where Web Mercator ends. */
const POLE = 85.0511;

type Point = [x: number, y: number];
/** One line or ring, or one place, of a feature. */
interface Shape {
  kind: "point" | "line" | "area";
  points: Point[];
}

/** An object of GeoJSON (RFC 7946), as far as it is read here. */
interface GeoJson {
  type?: string;
  features?: GeoJson[];
  geometry?: GeoJson | null;
  geometries?: GeoJson[];
  properties?: Record<string, unknown> | null;
  coordinates?: unknown;
}

/** A map of its own, in Web Mercator and without tiles: those are another host's. */
export function render(value: unknown, context: Context): Rendering {
  const { element, stage } = context;
  const data = typeof value === "string" ? JSON.parse(value) : value;
  const features = featuresOf(data as GeoJson);
  stage.style(css);
  element.append(drawMap(features));
  return {};
}

function featuresOf(data: GeoJson): { name: string; shapes: Shape[] }[] {
  const features = data.type === "FeatureCollection" ? (data.features ?? []) : [data];
  return features.map((feature) => ({
    name: nameOf(feature.properties),
    shapes: shapesOf(feature.type === "Feature" ? feature.geometry : feature),
  }));
}

function nameOf(properties?: Record<string, unknown> | null): string {
  const entries = Object.entries(properties ?? {});
  const name = entries.find(([key]) => /^(name|title|label)$/i.test(key))?.[1];
  return String(name ?? entries.map(([key, value]) => `${key}: ${value}`).join("\n"));
}

/** By how many lists the coordinates of each type are nested, and what is drawn. */
const GEOMETRIES: Record<string, [depth: number, kind: Shape["kind"]]> = {
  Point: [0, "point"],
  MultiPoint: [1, "point"],
  LineString: [1, "line"],
  MultiLineString: [2, "line"],
  Polygon: [2, "area"],
  MultiPolygon: [3, "area"],
};

function shapesOf(geometry?: GeoJson | null): Shape[] {
  if (geometry?.type === "GeometryCollection") return (geometry.geometries ?? []).flatMap(shapesOf);
  const [depth, kind] = GEOMETRIES[geometry?.type ?? ""] ?? [];
  if (depth === undefined || !kind) return [];
  const places = (geometry!.coordinates as unknown[]) ?? [];
  if (kind === "point") return (depth ? places : [places]).map((place) => ({ kind, points: [project(place)] }));
  const rings = depth === 1 ? [places] : (places as unknown[][]).flat(depth - 2);
  return rings.map((ring) => ({ kind, points: (ring as unknown[]).map(project) }));
}

/** Longitude and latitude in degrees (EPSG:4326) on the plane (EPSG:3857), the y axis downwards. */
function project(place: unknown): Point {
  const [longitude, latitude] = place as number[];
  const bounded = (Math.max(-POLE, Math.min(POLE, latitude)) * Math.PI) / 180;
  return [longitude, -(Math.log(Math.tan(Math.PI / 4 + bounded / 2)) * 180) / Math.PI];
}

function drawMap(features: ReturnType<typeof featuresOf>): SVGElement {
  const all = features.flatMap(({ shapes }) => shapes.flatMap(({ points }) => points));
  const bound = (axis: 0 | 1, pick: (a: number, b: number) => number) =>
    all.reduce((most, point) => pick(most, point[axis]), all[0]?.[axis] ?? 0);
  const [left, top] = [bound(0, Math.min), bound(1, Math.min)];
  const [wide, high] = [bound(0, Math.max) - left, bound(1, Math.max) - top];
  const scale = SIZE / (Math.max(wide, high) || 1);
  const place = ([x, y]: Point) => [(x - left) * scale, (y - top) * scale].map((n) => Math.round(n * 10) / 10);
  const box = [-MARGIN, -MARGIN, wide * scale + 2 * MARGIN, high * scale + 2 * MARGIN];
  const map = make("svg", { class: "stagedoor-map", viewBox: box.join(" "), role: "img", "aria-label": "Map" });
  for (const { name, shapes } of features) {
    const group = map.appendChild(make("g", {}));
    if (name) group.appendChild(make("title", {})).textContent = name;
    const ways = (kind: Shape["kind"], end: string) =>
      shapes.filter((shape) => shape.kind === kind).map(({ points }) => `M${points.map(place).join("L")}${end}`);
    const areas = ways("area", "Z"); // one path, so that rings within rings are holes
    if (areas.length) group.append(make("path", { d: areas.join(""), class: "stagedoor-area" }));
    for (const d of ways("line", "")) group.append(make("path", { d }));
    for (const { points } of shapes.filter(({ kind }) => kind === "point")) {
      const [cx, cy] = place(points[0]);
      group.append(make("circle", { cx: `${cx}`, cy: `${cy}`, r: "6" }));
    }
  }
  return map;
}

function make(name: string, attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
