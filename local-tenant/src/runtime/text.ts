/** Whether a person sees something of a text: spaces, fillers and characters that only format others do not count. */
export function isVisible(text: string): boolean {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu, '') !== '';
}

/** Shows control characters, and those that change the direction of the text after them, as one that is unknown. */
export function shown(text: string): string {
  return text.replace(/(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
