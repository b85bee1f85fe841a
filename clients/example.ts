// The main road of an app, typed by the database: `createClient<Database>()` knows every table,
// view and function. It is compiled by the tests; what must not compile stands at the end.

import { createClient } from "@supabase/supabase-js"
import type { Database, Tables } from "./database.types"

type Video = Tables<"video_feed">

export function connect(url: string, publishableKey: string) {
  return createClient<Database>(url, publishableKey)
}

type Client = ReturnType<typeof connect>

/** The next page of the feed; `before` is the id of the last video one has. */
export async function nextPage(client: Client, before: string | null): Promise<Video[]> {
  const { data } = await client.rpc("feed", { before, page_size: 20 }).throwOnError()
  return data
}

/** How many like a video, after the caller does. */
export async function like(client: Client, video_id: string): Promise<number> {
  const { data } = await client.rpc("like_video", { video_id, liked: true }).throwOnError()
  return data.likes_count
}

/** The same without a function: a plain insert meets the same rules. */
export async function likeDirectly(client: Client, video_id: string): Promise<void> {
  await client.from("video_likes").insert({ video_id }).throwOnError()
}

/** Who wrote the newest comments of a video. */
export async function writers(client: Client, video_id: string): Promise<string[]> {
  const { data } = await client
    .from("video_comment_feed")
    .select("id, text, user")
    .eq("video_id", video_id)
    .order("id", { ascending: false })
    .limit(20)
    .throwOnError()
  return data.map((comment) => comment.user.username)
}

/** A video with the profile of its owner, embedded. */
export async function ownerOf(client: Client, video_id: string): Promise<string | null> {
  const { data } = await client
    .from("videos")
    .select("id, title, user_profiles(username, verified)")
    .eq("id", video_id)
    .single()
    .throwOnError()
  return data.user_profiles.username
}

/** What an upload became: the video's id once it is published. */
export async function publishedAs(client: Client): Promise<string | null> {
  const { data } = await client.rpc("my_uploads", { page_size: 1 }).throwOnError()
  return data[0]?.video_id ?? null
}

export async function rename(client: Client, video_id: string, title: string): Promise<void> {
  await client.from("videos").update({ title }).eq("id", video_id).throwOnError()
}

export async function mistakes(client: Client, video_id: string): Promise<void> {
  // @ts-expect-error there is no such function
  await client.rpc("feeed")
  // @ts-expect-error the argument is called video_id
  await client.rpc("like_video", { id: video_id })
  // @ts-expect-error and it is needed
  await client.rpc("record_view", {})
  // @ts-expect-error numbers are no cursors
  await client.rpc("feed", { before: 20 })
  // @ts-expect-error counters are the database's
  await client.from("videos").update({ likes_count: 1000 }).eq("id", video_id)
  // @ts-expect-error one likes as oneself
  await client.from("video_likes").insert({ video_id, user_id: "somebody" })
  // @ts-expect-error videos are published through the API, not inserted
  await client.from("videos").insert({ id: video_id, user_id: "me", video_url: "https://x.test" })
  // @ts-expect-error helpers and state are not exposed
  await client.from("settings").select()
  const { data } = await client.rpc("like_video", { video_id }).throwOnError()
  // @ts-expect-error it gives how many, not who
  console.log(data.likers)
}
