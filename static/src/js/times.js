// Times as people say them ("3 hours ago"); the exact one, which the server wrote, moves to the tooltip.
import { readCookie, writeCookie } from "./cookies.js";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && readCookie("tz") !== zone) writeCookie("tz", zone);

const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });

function say(node) {
  const seconds = (Date.parse(node.dateTime) - Date.now()) / 1000;
  node.title ||= node.textContent.trim();
  if (Number.isNaN(seconds)) return;
  if (Math.abs(seconds) > 7 * 86400) {
    node.textContent = node.title;
    return;
  }
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) || ["minute", 60];
  node.textContent = words.format(Math.trunc(seconds / size), unit);
}

const sayAll = () => document.querySelectorAll("time[data-relative]").forEach(say);
document.addEventListener("htmx:afterSettle", sayAll);
setInterval(sayAll, 60000);
sayAll();
