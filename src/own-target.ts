/**
 * Whether a target is of our own API below `/__admin`, in whatever way it is spelled: its query may hold a key, and belongs
 * into no log and no journal.
 */
export function isOwnTarget(target: string): boolean {
  return /^(?:https?:\/\/[^/?#]*)?\/(?:_|%5f){2}/i.test(target);
}
