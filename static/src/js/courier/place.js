// The phone's place, as a promise.
export const askPlace = () =>
  new Promise((resolve, reject) => {
    if (!navigator.geolocation) {
      reject(new Error("this device knows no place"));
      return;
    }
    navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords), reject, {
      enableHighAccuracy: true,
      timeout: 15000,
      maximumAge: 60000,
    });
  });

// Whether the courier has allowed it already, so that asking asks nobody.
export async function mayAsk() {
  try {
    return (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
  } catch {
    return false;
  }
}

// Put it into a form's hidden fields: lat, lng and, where the form has it, accuracy.
export function fill(form, coords) {
  form.elements.lat.value = coords.latitude.toFixed(6);
  form.elements.lng.value = coords.longitude.toFixed(6);
  if (form.elements.accuracy) form.elements.accuracy.value = String(Math.round(coords.accuracy));
}
