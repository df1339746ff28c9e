// Whether a key belongs to an input method (Japanese, Chinese, Korean …): it chooses or ends what is being composed, and
// is not for us. Safari ends the composition before it reports the key, which then has only its code of 229 to tell.
export const isComposing = (event) => event.isComposing || event.keyCode === 229;
