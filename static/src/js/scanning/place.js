// Where the phone is, if its owner allows it. Never waited for longer than a moment: a place is welcome, not needed.
const WAIT = 1500;
const OPTIONS = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 };

let asked = null;

// Ask now, so that there is an answer when the code is read.
export function ask() {
  asked ||= new Promise((resolve) => {
    if (!navigator.geolocation || !window.isSecureContext) {
      resolve(null);
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        resolve({
          lat: coords.latitude.toFixed(6),
          lng: coords.longitude.toFixed(6),
          accuracy: String(Math.round(coords.accuracy)),
        }),
      () => resolve(null),
      OPTIONS,
    );
  });
  return asked;
}

// {lat, lng, accuracy}, or {} where it is not known (yet).
export async function place() {
  const late = new Promise((resolve) => setTimeout(resolve, WAIT, null));
  return (await Promise.race([asked || Promise.resolve(null), late])) || {};
}
