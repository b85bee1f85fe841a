// Our types beside those that the Supabase CLI makes of the same database: the same names, and
// nothing that says the opposite. Every `true` below is one such rule.

import type { Database as Ours } from "./database.types"
import type { Database as Theirs } from "./theirs"

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Fits<A, B> = [A] extends [B] ? true : false
/** Which names break a rule; `true` when none does. */
type All<Rules> = { [Name in keyof Rules]: Rules[Name] extends true ? never : Name }[keyof Rules] extends never
  ? true
  : { broken: { [Name in keyof Rules]: Rules[Name] extends true ? never : Name }[keyof Rules] }

type OurTables = Ours["public"]["Tables"]
type TheirTables = Theirs["public"]["Tables"]
type OurViews = Ours["public"]["Views"]
type TheirViews = Theirs["public"]["Views"]
type OurFunctions = Ours["public"]["Functions"]
type TheirFunctions = Theirs["public"]["Functions"]

export const sameTables: Same<keyof OurTables, keyof TheirTables> = true
export const sameViews: Same<keyof OurViews, keyof TheirViews> = true
export const sameFunctions: Same<keyof OurFunctions, keyof TheirFunctions> = true
export const sameEnums: Same<Ours["public"]["Enums"], Theirs["public"]["Enums"]> = true

export const sameRows: All<{ [T in keyof OurTables]: Same<OurTables[T]["Row"], TheirTables[T]["Row"]> }> = true
export const sameInsertNames: All<{
  [T in keyof OurTables]: Same<keyof OurTables[T]["Insert"], keyof TheirTables[T]["Insert"]>
}> = true
/** Whatever we let an app write, the columns take; they may ask for more that has no default. */
export const narrowerInserts: All<{
  [T in keyof OurTables]: Fits<OurTables[T]["Insert"], Partial<TheirTables[T]["Insert"]>>
}> = true
export const narrowerUpdates: All<{
  [T in keyof OurTables]: Fits<OurTables[T]["Update"], TheirTables[T]["Update"]>
}> = true
export const sameRelationshipsOfTables: All<{
  [T in keyof OurTables]: Same<OurTables[T]["Relationships"], TheirTables[T]["Relationships"]>
}> = true

export const sameColumns: All<{ [V in keyof OurViews]: Same<keyof OurViews[V]["Row"], keyof TheirViews[V]["Row"]> }> =
  true
/** We know of computed columns that they are never null, and what is in a json. */
export const narrowerRows: All<{ [V in keyof OurViews]: Fits<OurViews[V]["Row"], TheirViews[V]["Row"]> }> = true
export const sameRelationshipsOfViews: All<{
  [V in keyof OurViews]: Same<OurViews[V]["Relationships"], TheirViews[V]["Relationships"]>
}> = true

/** Whoever calls as they say compiles with ours; we also let null stand for "not given". */
export const widerArguments: All<{
  [F in keyof OurFunctions]: Fits<TheirFunctions[F]["Args"], OurFunctions[F]["Args"]>
}> = true
export const sameArgumentNames: All<{
  [F in keyof OurFunctions]: Same<keyof OurFunctions[F]["Args"], keyof TheirFunctions[F]["Args"]>
}> = true
/** They do not say that a result column may be null. */
type MayBeNull<Rows> = Rows extends (infer Row)[] ? { [Column in keyof Row]: Row[Column] | null }[] : Rows
export const narrowerResults: All<{
  [F in keyof OurFunctions]: F extends "my_uploads"
    ? Fits<OurFunctions[F]["Returns"], MayBeNull<TheirFunctions[F]["Returns"]>>
    : Fits<OurFunctions[F]["Returns"], TheirFunctions[F]["Returns"]>
}> = true
type Options<F> = F extends { SetofOptions: infer O } ? O : "none"
export const sameOptions: All<{ [F in keyof OurFunctions]: Same<Options<OurFunctions[F]>, Options<TheirFunctions[F]>> }> =
  true
