/** Pages within an output (`<iframe srcdoc>`, as folium makes them): libraries that they would load from elsewhere come from the gateway. */
import awesomeMarkers from "file:leaflet.awesome-markers/dist/leaflet.awesome-markers.min.js";
import bootstrap from "file:bootstrap/dist/js/bootstrap.bundle.min.js";
import jquery from "file:jquery/dist/jquery.min.js";
import leaflet from "file:leaflet/dist/leaflet.js";
import marker from "leaflet/dist/images/marker-icon.png";
import markerOfTwice from "leaflet/dist/images/marker-icon-2x.png";
import shadow from "leaflet/dist/images/marker-shadow.png";

type Sheet = () => Promise<{ default: string }>;

const SCRIPTS: [RegExp, string][] = [
  [/\/leaflet@1[^"]*\/leaflet\.js$/, leaflet],
  [/\/jquery[-@/][^"]*\.js$/, jquery],
  [/\/bootstrap@5[^"]*\/bootstrap[.a-z]*\.js$/, bootstrap],
  [/\/leaflet\.awesome-markers(\.min)?\.js$/, awesomeMarkers],
];

const SHEETS: [RegExp, Sheet][] = [
  [/\/leaflet@1[^"]*\/leaflet\.css$/, () => import("leaflet/dist/leaflet.css")],
  [/\/bootstrap@5[^"]*\/bootstrap(\.min)?\.css$/, () => import("bootstrap/dist/css/bootstrap.min.css")],
  [/\/fontawesome-free@[^"]*\/all(\.min)?\.css$/, () => import("@fortawesome/fontawesome-free/css/all.min.css")],
  [
    /\/leaflet\.awesome-markers(\.min)?\.css$/,
    () => import("leaflet.awesome-markers/dist/leaflet.awesome-markers.css"),
  ],
  [/\/(bootstrap-glyphicons|leaflet\.awesome\.rotate(\.min)?)\.css$/, async () => ({ default: "" })],
];

const TAG = /<script\b[^>]*\bsrc="(https:[^"]+)"[^>]*>\s*<\/script>|<link\b[^>]*\bhref="(https:[^"]+)"[^>]*>/g;

/** The page with what the gateway has in place of what it would load. */
export async function withOwnLibraries(page: string, base: URL): Promise<string> {
  const changes = [...page.matchAll(TAG)].map(async ([tag, script, sheet]): Promise<[string, string]> => {
    return [tag, (script ? scriptFor(script) : await sheetFor(sheet, base)) ?? tag];
  });
  return (await Promise.all(changes)).reduce((text, [tag, own]) => text.replace(tag, () => own), page);
}

function scriptFor(address: string): string | undefined {
  const file = SCRIPTS.find(([pattern]) => pattern.test(address))?.[1];
  if (!file) return undefined;
  const own = `<script src="${addressOf(file)}"></script>`;
  return file === leaflet ? own + icons() : own;
}

/** Leaflet finds its pictures beside its style sheet, if they have their own names. */
function icons(): string {
  const [iconUrl, iconRetinaUrl, shadowUrl] = [marker, markerOfTwice, shadow].map(addressOf);
  const options = JSON.stringify({ iconUrl, iconRetinaUrl, shadowUrl });
  return `<script>delete L.Icon.Default.prototype._getIconUrl; L.Icon.Default.mergeOptions(${options})</script>`;
}

/** Files are named relative to the code that names them. */
function addressOf(file: string): string {
  return new URL(file, import.meta.url).href;
}

async function sheetFor(address: string, base: URL): Promise<string | undefined> {
  const load = SHEETS.find(([pattern]) => pattern.test(address))?.[1];
  if (!load) return undefined;
  const { default: css } = await load();
  return `<style>${css.replaceAll("stagedoor:/", base.href)}</style>`;
}
