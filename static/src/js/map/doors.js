// At the checkout: choosing a saved address brings who lives there along, without a new page.
export function followDoors() {
  const doors = document.querySelectorAll('.doors input[name="to"]');
  for (const button of document.querySelectorAll("[data-no-script]")) button.remove();
  for (const door of doors) {
    door.addEventListener("change", () => {
      for (const name of ["name", "phone", "notes"]) {
        const field = document.getElementById(`id_${name}`);
        if (field && door.dataset[name] !== undefined) field.value = door.dataset[name];
      }
    });
  }
}
